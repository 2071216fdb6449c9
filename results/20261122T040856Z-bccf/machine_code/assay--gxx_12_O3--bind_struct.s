# function: assay::gxx_12_O3::bind_struct
# instrument: bind
# symbol: _ZN5assay9gxx_12_O311bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O3/call/struct
000000000006df40 <assay::gxx_12_O3::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   6df40:	vmovdqa 0x20(%rdi),%ymm6
   6df45:	vmovdqa 0x40(%rdi),%ymm5
   6df4a:	vmovdqa 0x60(%rdi),%ymm4
   6df4f:	vmovdqa 0x80(%rdi),%ymm3
   6df57:	vmovdqa 0xa0(%rdi),%ymm2
   6df5f:	vmovdqa 0xc0(%rdi),%ymm1
   6df67:	vmovdqa 0xe0(%rdi),%ymm0
   6df6f:	vmovdqa 0x20(%rsi),%ymm14
   6df74:	vmovdqa 0x40(%rsi),%ymm13
   6df79:	vmovdqa 0x60(%rsi),%ymm12
   6df7e:	vmovdqa 0x80(%rsi),%ymm11
   6df86:	vmovdqa (%rdi),%ymm7
   6df8a:	vpxor  %ymm14,%ymm6,%ymm6
   6df8f:	vmovdqa 0xa0(%rsi),%ymm10
   6df97:	vpxor  (%rsi),%ymm7,%ymm7
   6df9b:	vpxor  %ymm13,%ymm5,%ymm5
   6dfa0:	vpxor  %ymm12,%ymm4,%ymm4
   6dfa5:	vmovdqa 0xc0(%rsi),%ymm9
   6dfad:	vmovdqa 0xe0(%rsi),%ymm8
   6dfb5:	vpxor  %ymm11,%ymm3,%ymm3
   6dfba:	vmovdqu %ymm6,0x20(%rdx)
   6dfbf:	vpxor  %ymm10,%ymm2,%ymm2
   6dfc4:	vmovdqu %ymm7,(%rdx)
   6dfc8:	vpxor  %ymm9,%ymm1,%ymm1
   6dfcd:	vpxor  %ymm8,%ymm0,%ymm0
   6dfd2:	vmovdqu %ymm5,0x40(%rdx)
   6dfd7:	vmovdqu %ymm4,0x60(%rdx)
   6dfdc:	vmovdqu %ymm3,0x80(%rdx)
   6dfe4:	vmovdqu %ymm2,0xa0(%rdx)
   6dfec:	vmovdqu %ymm1,0xc0(%rdx)
   6dff4:	vmovdqu %ymm0,0xe0(%rdx)
   6dffc:	vzeroupper
   6dfff:	ret
