# function: assay::clangxx_19_O2::bind_refs
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O29bind_refsERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/refs
0000000000073ec0 <assay::clangxx_19_O2::bind_refs(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   73ec0:	vmovaps (%rsi),%ymm0
   73ec4:	vxorps (%rdi),%ymm0,%ymm0
   73ec8:	vmovaps %ymm0,(%rdx)
   73ecc:	vmovaps 0x20(%rsi),%ymm0
   73ed1:	vxorps 0x20(%rdi),%ymm0,%ymm0
   73ed6:	vmovaps %ymm0,0x20(%rdx)
   73edb:	vmovaps 0x40(%rsi),%ymm0
   73ee0:	vxorps 0x40(%rdi),%ymm0,%ymm0
   73ee5:	vmovaps %ymm0,0x40(%rdx)
   73eea:	vmovaps 0x60(%rsi),%ymm0
   73eef:	vxorps 0x60(%rdi),%ymm0,%ymm0
   73ef4:	vmovaps %ymm0,0x60(%rdx)
   73ef9:	vmovaps 0x80(%rsi),%ymm0
   73f01:	vxorps 0x80(%rdi),%ymm0,%ymm0
   73f09:	vmovaps %ymm0,0x80(%rdx)
   73f11:	vmovaps 0xa0(%rsi),%ymm0
   73f19:	vxorps 0xa0(%rdi),%ymm0,%ymm0
   73f21:	vmovaps %ymm0,0xa0(%rdx)
   73f29:	vmovaps 0xc0(%rsi),%ymm0
   73f31:	vxorps 0xc0(%rdi),%ymm0,%ymm0
   73f39:	vmovaps %ymm0,0xc0(%rdx)
   73f41:	vmovaps 0xe0(%rsi),%ymm0
   73f49:	vxorps 0xe0(%rdi),%ymm0,%ymm0
   73f51:	vmovaps %ymm0,0xe0(%rdx)
   73f59:	vzeroupper
   73f5c:	ret
