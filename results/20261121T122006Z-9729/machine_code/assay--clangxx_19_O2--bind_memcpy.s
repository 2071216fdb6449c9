# function: assay::clangxx_19_O2::bind_memcpy
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_memcpyERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/memcpy
000000000006d6c0 <assay::clangxx_19_O2::bind_memcpy(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   6d6c0:	vmovaps (%rsi),%ymm0
   6d6c4:	vmovaps 0x20(%rsi),%ymm1
   6d6c9:	vmovaps 0x40(%rsi),%ymm2
   6d6ce:	vmovaps 0x60(%rsi),%ymm3
   6d6d3:	vmovaps 0x80(%rsi),%ymm4
   6d6db:	vmovaps 0xa0(%rsi),%ymm5
   6d6e3:	vmovaps 0xc0(%rsi),%ymm6
   6d6eb:	vmovaps 0xe0(%rsi),%ymm7
   6d6f3:	vxorps (%rdi),%ymm0,%ymm0
   6d6f7:	vxorps 0x20(%rdi),%ymm1,%ymm1
   6d6fc:	vxorps 0x40(%rdi),%ymm2,%ymm2
   6d701:	vxorps 0x60(%rdi),%ymm3,%ymm3
   6d706:	vxorps 0x80(%rdi),%ymm4,%ymm4
   6d70e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   6d716:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   6d71e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   6d726:	vmovaps %ymm0,(%rdx)
   6d72a:	vmovaps %ymm1,0x20(%rdx)
   6d72f:	vmovaps %ymm2,0x40(%rdx)
   6d734:	vmovaps %ymm3,0x60(%rdx)
   6d739:	vmovaps %ymm4,0x80(%rdx)
   6d741:	vmovaps %ymm5,0xa0(%rdx)
   6d749:	vmovaps %ymm6,0xc0(%rdx)
   6d751:	vmovaps %ymm7,0xe0(%rdx)
   6d759:	vzeroupper
   6d75c:	ret
