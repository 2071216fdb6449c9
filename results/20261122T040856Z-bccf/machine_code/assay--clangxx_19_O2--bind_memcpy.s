# function: assay::clangxx_19_O2::bind_memcpy
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_memcpyERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/memcpy
0000000000074f00 <assay::clangxx_19_O2::bind_memcpy(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   74f00:	vmovaps (%rsi),%ymm0
   74f04:	vmovaps 0x20(%rsi),%ymm1
   74f09:	vmovaps 0x40(%rsi),%ymm2
   74f0e:	vmovaps 0x60(%rsi),%ymm3
   74f13:	vmovaps 0x80(%rsi),%ymm4
   74f1b:	vmovaps 0xa0(%rsi),%ymm5
   74f23:	vmovaps 0xc0(%rsi),%ymm6
   74f2b:	vmovaps 0xe0(%rsi),%ymm7
   74f33:	vxorps (%rdi),%ymm0,%ymm0
   74f37:	vxorps 0x20(%rdi),%ymm1,%ymm1
   74f3c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   74f41:	vxorps 0x60(%rdi),%ymm3,%ymm3
   74f46:	vxorps 0x80(%rdi),%ymm4,%ymm4
   74f4e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   74f56:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   74f5e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   74f66:	vmovaps %ymm0,(%rdx)
   74f6a:	vmovaps %ymm1,0x20(%rdx)
   74f6f:	vmovaps %ymm2,0x40(%rdx)
   74f74:	vmovaps %ymm3,0x60(%rdx)
   74f79:	vmovaps %ymm4,0x80(%rdx)
   74f81:	vmovaps %ymm5,0xa0(%rdx)
   74f89:	vmovaps %ymm6,0xc0(%rdx)
   74f91:	vmovaps %ymm7,0xe0(%rdx)
   74f99:	vzeroupper
   74f9c:	ret
