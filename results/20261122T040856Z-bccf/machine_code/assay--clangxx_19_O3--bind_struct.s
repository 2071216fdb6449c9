# function: assay::clangxx_19_O3::bind_struct
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O311bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O3/call/struct
0000000000079440 <assay::clangxx_19_O3::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   79440:	vmovaps (%rsi),%ymm0
   79444:	vmovaps 0x20(%rsi),%ymm1
   79449:	vmovaps 0x40(%rsi),%ymm2
   7944e:	vmovaps 0x60(%rsi),%ymm3
   79453:	vmovaps 0x80(%rsi),%ymm4
   7945b:	vmovaps 0xa0(%rsi),%ymm5
   79463:	vmovaps 0xc0(%rsi),%ymm6
   7946b:	vmovaps 0xe0(%rsi),%ymm7
   79473:	vxorps (%rdi),%ymm0,%ymm0
   79477:	vxorps 0x20(%rdi),%ymm1,%ymm1
   7947c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   79481:	vxorps 0x60(%rdi),%ymm3,%ymm3
   79486:	vxorps 0x80(%rdi),%ymm4,%ymm4
   7948e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   79496:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   7949e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   794a6:	vmovaps %ymm0,(%rdx)
   794aa:	vmovaps %ymm1,0x20(%rdx)
   794af:	vmovaps %ymm2,0x40(%rdx)
   794b4:	vmovaps %ymm3,0x60(%rdx)
   794b9:	vmovaps %ymm4,0x80(%rdx)
   794c1:	vmovaps %ymm5,0xa0(%rdx)
   794c9:	vmovaps %ymm6,0xc0(%rdx)
   794d1:	vmovaps %ymm7,0xe0(%rdx)
   794d9:	vzeroupper
   794dc:	ret
