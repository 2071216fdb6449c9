# function: assay::gxx_12_O3::bind_struct
# instrument: bind
# symbol: _ZN5assay9gxx_12_O311bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O3/call/struct
00000000000688c0 <assay::gxx_12_O3::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   688c0:	vmovdqa 0x20(%rdi),%ymm6
   688c5:	vmovdqa 0x40(%rdi),%ymm5
   688ca:	vmovdqa 0x60(%rdi),%ymm4
   688cf:	vmovdqa 0x80(%rdi),%ymm3
   688d7:	vmovdqa 0xa0(%rdi),%ymm2
   688df:	vmovdqa 0xc0(%rdi),%ymm1
   688e7:	vmovdqa 0xe0(%rdi),%ymm0
   688ef:	vmovdqa 0x20(%rsi),%ymm14
   688f4:	vmovdqa 0x40(%rsi),%ymm13
   688f9:	vmovdqa 0x60(%rsi),%ymm12
   688fe:	vmovdqa 0x80(%rsi),%ymm11
   68906:	vmovdqa (%rdi),%ymm7
   6890a:	vpxor  %ymm14,%ymm6,%ymm6
   6890f:	vmovdqa 0xa0(%rsi),%ymm10
   68917:	vpxor  (%rsi),%ymm7,%ymm7
   6891b:	vpxor  %ymm13,%ymm5,%ymm5
   68920:	vpxor  %ymm12,%ymm4,%ymm4
   68925:	vmovdqa 0xc0(%rsi),%ymm9
   6892d:	vmovdqa 0xe0(%rsi),%ymm8
   68935:	vpxor  %ymm11,%ymm3,%ymm3
   6893a:	vmovdqu %ymm6,0x20(%rdx)
   6893f:	vpxor  %ymm10,%ymm2,%ymm2
   68944:	vmovdqu %ymm7,(%rdx)
   68948:	vpxor  %ymm9,%ymm1,%ymm1
   6894d:	vpxor  %ymm8,%ymm0,%ymm0
   68952:	vmovdqu %ymm5,0x40(%rdx)
   68957:	vmovdqu %ymm4,0x60(%rdx)
   6895c:	vmovdqu %ymm3,0x80(%rdx)
   68964:	vmovdqu %ymm2,0xa0(%rdx)
   6896c:	vmovdqu %ymm1,0xc0(%rdx)
   68974:	vmovdqu %ymm0,0xe0(%rdx)
   6897c:	vzeroupper
   6897f:	ret
