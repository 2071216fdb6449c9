# function: assay::clangxx_19_O2::bind_memcpy
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_memcpyERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/memcpy
0000000000073c00 <assay::clangxx_19_O2::bind_memcpy(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   73c00:	vmovaps (%rsi),%ymm0
   73c04:	vmovaps 0x20(%rsi),%ymm1
   73c09:	vmovaps 0x40(%rsi),%ymm2
   73c0e:	vmovaps 0x60(%rsi),%ymm3
   73c13:	vmovaps 0x80(%rsi),%ymm4
   73c1b:	vmovaps 0xa0(%rsi),%ymm5
   73c23:	vmovaps 0xc0(%rsi),%ymm6
   73c2b:	vmovaps 0xe0(%rsi),%ymm7
   73c33:	vxorps (%rdi),%ymm0,%ymm0
   73c37:	vxorps 0x20(%rdi),%ymm1,%ymm1
   73c3c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   73c41:	vxorps 0x60(%rdi),%ymm3,%ymm3
   73c46:	vxorps 0x80(%rdi),%ymm4,%ymm4
   73c4e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   73c56:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   73c5e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   73c66:	vmovaps %ymm0,(%rdx)
   73c6a:	vmovaps %ymm1,0x20(%rdx)
   73c6f:	vmovaps %ymm2,0x40(%rdx)
   73c74:	vmovaps %ymm3,0x60(%rdx)
   73c79:	vmovaps %ymm4,0x80(%rdx)
   73c81:	vmovaps %ymm5,0xa0(%rdx)
   73c89:	vmovaps %ymm6,0xc0(%rdx)
   73c91:	vmovaps %ymm7,0xe0(%rdx)
   73c99:	vzeroupper
   73c9c:	ret
