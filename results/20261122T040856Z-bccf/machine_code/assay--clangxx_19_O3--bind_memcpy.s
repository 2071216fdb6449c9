# function: assay::clangxx_19_O3::bind_memcpy
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O311bind_memcpyERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O3/call/memcpy
0000000000079c40 <assay::clangxx_19_O3::bind_memcpy(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   79c40:	vmovaps (%rsi),%ymm0
   79c44:	vmovaps 0x20(%rsi),%ymm1
   79c49:	vmovaps 0x40(%rsi),%ymm2
   79c4e:	vmovaps 0x60(%rsi),%ymm3
   79c53:	vmovaps 0x80(%rsi),%ymm4
   79c5b:	vmovaps 0xa0(%rsi),%ymm5
   79c63:	vmovaps 0xc0(%rsi),%ymm6
   79c6b:	vmovaps 0xe0(%rsi),%ymm7
   79c73:	vxorps (%rdi),%ymm0,%ymm0
   79c77:	vxorps 0x20(%rdi),%ymm1,%ymm1
   79c7c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   79c81:	vxorps 0x60(%rdi),%ymm3,%ymm3
   79c86:	vxorps 0x80(%rdi),%ymm4,%ymm4
   79c8e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   79c96:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   79c9e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   79ca6:	vmovaps %ymm0,(%rdx)
   79caa:	vmovaps %ymm1,0x20(%rdx)
   79caf:	vmovaps %ymm2,0x40(%rdx)
   79cb4:	vmovaps %ymm3,0x60(%rdx)
   79cb9:	vmovaps %ymm4,0x80(%rdx)
   79cc1:	vmovaps %ymm5,0xa0(%rdx)
   79cc9:	vmovaps %ymm6,0xc0(%rdx)
   79cd1:	vmovaps %ymm7,0xe0(%rdx)
   79cd9:	vzeroupper
   79cdc:	ret
