# function: assay::clangxx_19_O3::bind_memcpy
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O311bind_memcpyERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O3/call/memcpy
0000000000078940 <assay::clangxx_19_O3::bind_memcpy(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   78940:	vmovaps (%rsi),%ymm0
   78944:	vmovaps 0x20(%rsi),%ymm1
   78949:	vmovaps 0x40(%rsi),%ymm2
   7894e:	vmovaps 0x60(%rsi),%ymm3
   78953:	vmovaps 0x80(%rsi),%ymm4
   7895b:	vmovaps 0xa0(%rsi),%ymm5
   78963:	vmovaps 0xc0(%rsi),%ymm6
   7896b:	vmovaps 0xe0(%rsi),%ymm7
   78973:	vxorps (%rdi),%ymm0,%ymm0
   78977:	vxorps 0x20(%rdi),%ymm1,%ymm1
   7897c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   78981:	vxorps 0x60(%rdi),%ymm3,%ymm3
   78986:	vxorps 0x80(%rdi),%ymm4,%ymm4
   7898e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   78996:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   7899e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   789a6:	vmovaps %ymm0,(%rdx)
   789aa:	vmovaps %ymm1,0x20(%rdx)
   789af:	vmovaps %ymm2,0x40(%rdx)
   789b4:	vmovaps %ymm3,0x60(%rdx)
   789b9:	vmovaps %ymm4,0x80(%rdx)
   789c1:	vmovaps %ymm5,0xa0(%rdx)
   789c9:	vmovaps %ymm6,0xc0(%rdx)
   789d1:	vmovaps %ymm7,0xe0(%rdx)
   789d9:	vzeroupper
   789dc:	ret
