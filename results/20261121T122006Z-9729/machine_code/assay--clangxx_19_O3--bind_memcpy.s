# function: assay::clangxx_19_O3::bind_memcpy
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O311bind_memcpyERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O3/call/memcpy
00000000000721c0 <assay::clangxx_19_O3::bind_memcpy(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   721c0:	vmovaps (%rsi),%ymm0
   721c4:	vmovaps 0x20(%rsi),%ymm1
   721c9:	vmovaps 0x40(%rsi),%ymm2
   721ce:	vmovaps 0x60(%rsi),%ymm3
   721d3:	vmovaps 0x80(%rsi),%ymm4
   721db:	vmovaps 0xa0(%rsi),%ymm5
   721e3:	vmovaps 0xc0(%rsi),%ymm6
   721eb:	vmovaps 0xe0(%rsi),%ymm7
   721f3:	vxorps (%rdi),%ymm0,%ymm0
   721f7:	vxorps 0x20(%rdi),%ymm1,%ymm1
   721fc:	vxorps 0x40(%rdi),%ymm2,%ymm2
   72201:	vxorps 0x60(%rdi),%ymm3,%ymm3
   72206:	vxorps 0x80(%rdi),%ymm4,%ymm4
   7220e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   72216:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   7221e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   72226:	vmovaps %ymm0,(%rdx)
   7222a:	vmovaps %ymm1,0x20(%rdx)
   7222f:	vmovaps %ymm2,0x40(%rdx)
   72234:	vmovaps %ymm3,0x60(%rdx)
   72239:	vmovaps %ymm4,0x80(%rdx)
   72241:	vmovaps %ymm5,0xa0(%rdx)
   72249:	vmovaps %ymm6,0xc0(%rdx)
   72251:	vmovaps %ymm7,0xe0(%rdx)
   72259:	vzeroupper
   7225c:	ret
