# function: assay::clangxx_19_O2::bind_refs
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O29bind_refsERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/refs
0000000000072bc0 <assay::clangxx_19_O2::bind_refs(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   72bc0:	vmovaps (%rsi),%ymm0
   72bc4:	vxorps (%rdi),%ymm0,%ymm0
   72bc8:	vmovaps %ymm0,(%rdx)
   72bcc:	vmovaps 0x20(%rsi),%ymm0
   72bd1:	vxorps 0x20(%rdi),%ymm0,%ymm0
   72bd6:	vmovaps %ymm0,0x20(%rdx)
   72bdb:	vmovaps 0x40(%rsi),%ymm0
   72be0:	vxorps 0x40(%rdi),%ymm0,%ymm0
   72be5:	vmovaps %ymm0,0x40(%rdx)
   72bea:	vmovaps 0x60(%rsi),%ymm0
   72bef:	vxorps 0x60(%rdi),%ymm0,%ymm0
   72bf4:	vmovaps %ymm0,0x60(%rdx)
   72bf9:	vmovaps 0x80(%rsi),%ymm0
   72c01:	vxorps 0x80(%rdi),%ymm0,%ymm0
   72c09:	vmovaps %ymm0,0x80(%rdx)
   72c11:	vmovaps 0xa0(%rsi),%ymm0
   72c19:	vxorps 0xa0(%rdi),%ymm0,%ymm0
   72c21:	vmovaps %ymm0,0xa0(%rdx)
   72c29:	vmovaps 0xc0(%rsi),%ymm0
   72c31:	vxorps 0xc0(%rdi),%ymm0,%ymm0
   72c39:	vmovaps %ymm0,0xc0(%rdx)
   72c41:	vmovaps 0xe0(%rsi),%ymm0
   72c49:	vxorps 0xe0(%rdi),%ymm0,%ymm0
   72c51:	vmovaps %ymm0,0xe0(%rdx)
   72c59:	vzeroupper
   72c5c:	ret
