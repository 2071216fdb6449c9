# function: assay::gxx_12_O2::bind_struct
# instrument: bind
# symbol: _ZN5assay9gxx_12_O211bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/struct
0000000000066b40 <assay::gxx_12_O2::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   66b40:	vmovdqa 0x20(%rdi),%ymm6
   66b45:	vmovdqa 0x40(%rdi),%ymm5
   66b4a:	vmovdqa 0x60(%rdi),%ymm4
   66b4f:	vmovdqa 0x80(%rdi),%ymm3
   66b57:	vmovdqa 0xa0(%rdi),%ymm2
   66b5f:	vmovdqa 0xc0(%rdi),%ymm1
   66b67:	vmovdqa 0xe0(%rdi),%ymm0
   66b6f:	vmovdqa 0x20(%rsi),%ymm14
   66b74:	vmovdqa 0x40(%rsi),%ymm13
   66b79:	vmovdqa 0x60(%rsi),%ymm12
   66b7e:	vmovdqa 0x80(%rsi),%ymm11
   66b86:	vmovdqa (%rdi),%ymm7
   66b8a:	vpxor  %ymm14,%ymm6,%ymm6
   66b8f:	vmovdqa 0xa0(%rsi),%ymm10
   66b97:	vpxor  (%rsi),%ymm7,%ymm7
   66b9b:	vpxor  %ymm13,%ymm5,%ymm5
   66ba0:	vpxor  %ymm12,%ymm4,%ymm4
   66ba5:	vmovdqa 0xc0(%rsi),%ymm9
   66bad:	vmovdqa 0xe0(%rsi),%ymm8
   66bb5:	vpxor  %ymm11,%ymm3,%ymm3
   66bba:	vmovdqu %ymm6,0x20(%rdx)
   66bbf:	vpxor  %ymm10,%ymm2,%ymm2
   66bc4:	vmovdqu %ymm7,(%rdx)
   66bc8:	vpxor  %ymm9,%ymm1,%ymm1
   66bcd:	vpxor  %ymm8,%ymm0,%ymm0
   66bd2:	vmovdqu %ymm5,0x40(%rdx)
   66bd7:	vmovdqu %ymm4,0x60(%rdx)
   66bdc:	vmovdqu %ymm3,0x80(%rdx)
   66be4:	vmovdqu %ymm2,0xa0(%rdx)
   66bec:	vmovdqu %ymm1,0xc0(%rdx)
   66bf4:	vmovdqu %ymm0,0xe0(%rdx)
   66bfc:	vzeroupper
   66bff:	ret
