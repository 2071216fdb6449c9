# function: assay::gxx_12_O2::bind_struct
# instrument: bind
# symbol: _ZN5assay9gxx_12_O211bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/struct
0000000000067e40 <assay::gxx_12_O2::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   67e40:	vmovdqa 0x20(%rdi),%ymm6
   67e45:	vmovdqa 0x40(%rdi),%ymm5
   67e4a:	vmovdqa 0x60(%rdi),%ymm4
   67e4f:	vmovdqa 0x80(%rdi),%ymm3
   67e57:	vmovdqa 0xa0(%rdi),%ymm2
   67e5f:	vmovdqa 0xc0(%rdi),%ymm1
   67e67:	vmovdqa 0xe0(%rdi),%ymm0
   67e6f:	vmovdqa 0x20(%rsi),%ymm14
   67e74:	vmovdqa 0x40(%rsi),%ymm13
   67e79:	vmovdqa 0x60(%rsi),%ymm12
   67e7e:	vmovdqa 0x80(%rsi),%ymm11
   67e86:	vmovdqa (%rdi),%ymm7
   67e8a:	vpxor  %ymm14,%ymm6,%ymm6
   67e8f:	vmovdqa 0xa0(%rsi),%ymm10
   67e97:	vpxor  (%rsi),%ymm7,%ymm7
   67e9b:	vpxor  %ymm13,%ymm5,%ymm5
   67ea0:	vpxor  %ymm12,%ymm4,%ymm4
   67ea5:	vmovdqa 0xc0(%rsi),%ymm9
   67ead:	vmovdqa 0xe0(%rsi),%ymm8
   67eb5:	vpxor  %ymm11,%ymm3,%ymm3
   67eba:	vmovdqu %ymm6,0x20(%rdx)
   67ebf:	vpxor  %ymm10,%ymm2,%ymm2
   67ec4:	vmovdqu %ymm7,(%rdx)
   67ec8:	vpxor  %ymm9,%ymm1,%ymm1
   67ecd:	vpxor  %ymm8,%ymm0,%ymm0
   67ed2:	vmovdqu %ymm5,0x40(%rdx)
   67ed7:	vmovdqu %ymm4,0x60(%rdx)
   67edc:	vmovdqu %ymm3,0x80(%rdx)
   67ee4:	vmovdqu %ymm2,0xa0(%rdx)
   67eec:	vmovdqu %ymm1,0xc0(%rdx)
   67ef4:	vmovdqu %ymm0,0xe0(%rdx)
   67efc:	vzeroupper
   67eff:	ret
