# function: assay::gxx_12_O3::bind_struct
# instrument: bind
# symbol: _ZN5assay9gxx_12_O311bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O3/call/struct
000000000006cc40 <assay::gxx_12_O3::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   6cc40:	vmovdqa 0x20(%rdi),%ymm6
   6cc45:	vmovdqa 0x40(%rdi),%ymm5
   6cc4a:	vmovdqa 0x60(%rdi),%ymm4
   6cc4f:	vmovdqa 0x80(%rdi),%ymm3
   6cc57:	vmovdqa 0xa0(%rdi),%ymm2
   6cc5f:	vmovdqa 0xc0(%rdi),%ymm1
   6cc67:	vmovdqa 0xe0(%rdi),%ymm0
   6cc6f:	vmovdqa 0x20(%rsi),%ymm14
   6cc74:	vmovdqa 0x40(%rsi),%ymm13
   6cc79:	vmovdqa 0x60(%rsi),%ymm12
   6cc7e:	vmovdqa 0x80(%rsi),%ymm11
   6cc86:	vmovdqa (%rdi),%ymm7
   6cc8a:	vpxor  %ymm14,%ymm6,%ymm6
   6cc8f:	vmovdqa 0xa0(%rsi),%ymm10
   6cc97:	vpxor  (%rsi),%ymm7,%ymm7
   6cc9b:	vpxor  %ymm13,%ymm5,%ymm5
   6cca0:	vpxor  %ymm12,%ymm4,%ymm4
   6cca5:	vmovdqa 0xc0(%rsi),%ymm9
   6ccad:	vmovdqa 0xe0(%rsi),%ymm8
   6ccb5:	vpxor  %ymm11,%ymm3,%ymm3
   6ccba:	vmovdqu %ymm6,0x20(%rdx)
   6ccbf:	vpxor  %ymm10,%ymm2,%ymm2
   6ccc4:	vmovdqu %ymm7,(%rdx)
   6ccc8:	vpxor  %ymm9,%ymm1,%ymm1
   6cccd:	vpxor  %ymm8,%ymm0,%ymm0
   6ccd2:	vmovdqu %ymm5,0x40(%rdx)
   6ccd7:	vmovdqu %ymm4,0x60(%rdx)
   6ccdc:	vmovdqu %ymm3,0x80(%rdx)
   6cce4:	vmovdqu %ymm2,0xa0(%rdx)
   6ccec:	vmovdqu %ymm1,0xc0(%rdx)
   6ccf4:	vmovdqu %ymm0,0xe0(%rdx)
   6ccfc:	vzeroupper
   6ccff:	ret
