# function: assay::gxx_12_O2::bind_struct
# instrument: bind
# symbol: _ZN5assay9gxx_12_O211bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/struct
0000000000062e40 <assay::gxx_12_O2::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   62e40:	vmovdqa 0x20(%rdi),%ymm6
   62e45:	vmovdqa 0x40(%rdi),%ymm5
   62e4a:	vmovdqa 0x60(%rdi),%ymm4
   62e4f:	vmovdqa 0x80(%rdi),%ymm3
   62e57:	vmovdqa 0xa0(%rdi),%ymm2
   62e5f:	vmovdqa 0xc0(%rdi),%ymm1
   62e67:	vmovdqa 0xe0(%rdi),%ymm0
   62e6f:	vmovdqa 0x20(%rsi),%ymm14
   62e74:	vmovdqa 0x40(%rsi),%ymm13
   62e79:	vmovdqa 0x60(%rsi),%ymm12
   62e7e:	vmovdqa 0x80(%rsi),%ymm11
   62e86:	vmovdqa (%rdi),%ymm7
   62e8a:	vpxor  %ymm14,%ymm6,%ymm6
   62e8f:	vmovdqa 0xa0(%rsi),%ymm10
   62e97:	vpxor  (%rsi),%ymm7,%ymm7
   62e9b:	vpxor  %ymm13,%ymm5,%ymm5
   62ea0:	vpxor  %ymm12,%ymm4,%ymm4
   62ea5:	vmovdqa 0xc0(%rsi),%ymm9
   62ead:	vmovdqa 0xe0(%rsi),%ymm8
   62eb5:	vpxor  %ymm11,%ymm3,%ymm3
   62eba:	vmovdqu %ymm6,0x20(%rdx)
   62ebf:	vpxor  %ymm10,%ymm2,%ymm2
   62ec4:	vmovdqu %ymm7,(%rdx)
   62ec8:	vpxor  %ymm9,%ymm1,%ymm1
   62ecd:	vpxor  %ymm8,%ymm0,%ymm0
   62ed2:	vmovdqu %ymm5,0x40(%rdx)
   62ed7:	vmovdqu %ymm4,0x60(%rdx)
   62edc:	vmovdqu %ymm3,0x80(%rdx)
   62ee4:	vmovdqu %ymm2,0xa0(%rdx)
   62eec:	vmovdqu %ymm1,0xc0(%rdx)
   62ef4:	vmovdqu %ymm0,0xe0(%rdx)
   62efc:	vzeroupper
   62eff:	ret
