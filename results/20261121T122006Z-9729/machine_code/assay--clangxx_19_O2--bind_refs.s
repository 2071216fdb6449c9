# function: assay::clangxx_19_O2::bind_refs
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O29bind_refsERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/refs
000000000006c780 <assay::clangxx_19_O2::bind_refs(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   6c780:	vmovaps (%rsi),%ymm0
   6c784:	vxorps (%rdi),%ymm0,%ymm0
   6c788:	vmovaps %ymm0,(%rdx)
   6c78c:	vmovaps 0x20(%rsi),%ymm0
   6c791:	vxorps 0x20(%rdi),%ymm0,%ymm0
   6c796:	vmovaps %ymm0,0x20(%rdx)
   6c79b:	vmovaps 0x40(%rsi),%ymm0
   6c7a0:	vxorps 0x40(%rdi),%ymm0,%ymm0
   6c7a5:	vmovaps %ymm0,0x40(%rdx)
   6c7aa:	vmovaps 0x60(%rsi),%ymm0
   6c7af:	vxorps 0x60(%rdi),%ymm0,%ymm0
   6c7b4:	vmovaps %ymm0,0x60(%rdx)
   6c7b9:	vmovaps 0x80(%rsi),%ymm0
   6c7c1:	vxorps 0x80(%rdi),%ymm0,%ymm0
   6c7c9:	vmovaps %ymm0,0x80(%rdx)
   6c7d1:	vmovaps 0xa0(%rsi),%ymm0
   6c7d9:	vxorps 0xa0(%rdi),%ymm0,%ymm0
   6c7e1:	vmovaps %ymm0,0xa0(%rdx)
   6c7e9:	vmovaps 0xc0(%rsi),%ymm0
   6c7f1:	vxorps 0xc0(%rdi),%ymm0,%ymm0
   6c7f9:	vmovaps %ymm0,0xc0(%rdx)
   6c801:	vmovaps 0xe0(%rsi),%ymm0
   6c809:	vxorps 0xe0(%rdi),%ymm0,%ymm0
   6c811:	vmovaps %ymm0,0xe0(%rdx)
   6c819:	vzeroupper
   6c81c:	ret
