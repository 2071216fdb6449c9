# function: assay::gxx_12_O2::bind_refs
# instrument: bind
# symbol: _ZN5assay9gxx_12_O29bind_refsERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/refs
0000000000062f00 <assay::gxx_12_O2::bind_refs(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   62f00:	vmovdqu (%rdi),%ymm1
   62f04:	vpxor  (%rsi),%ymm1,%ymm0
   62f08:	vmovdqu %ymm0,(%rdx)
   62f0c:	vmovdqu 0x20(%rdi),%ymm2
   62f11:	vpxor  0x20(%rsi),%ymm2,%ymm0
   62f16:	vmovdqu %ymm0,0x20(%rdx)
   62f1b:	vmovdqu 0x40(%rdi),%ymm3
   62f20:	vpxor  0x40(%rsi),%ymm3,%ymm0
   62f25:	vmovdqu %ymm0,0x40(%rdx)
   62f2a:	vmovdqu 0x60(%rdi),%ymm4
   62f2f:	vpxor  0x60(%rsi),%ymm4,%ymm0
   62f34:	vmovdqu %ymm0,0x60(%rdx)
   62f39:	vmovdqu 0x80(%rdi),%ymm5
   62f41:	vpxor  0x80(%rsi),%ymm5,%ymm0
   62f49:	vmovdqu %ymm0,0x80(%rdx)
   62f51:	vmovdqu 0xa0(%rdi),%ymm6
   62f59:	vpxor  0xa0(%rsi),%ymm6,%ymm0
   62f61:	vmovdqu %ymm0,0xa0(%rdx)
   62f69:	vmovdqu 0xc0(%rdi),%ymm7
   62f71:	vpxor  0xc0(%rsi),%ymm7,%ymm0
   62f79:	vmovdqu %ymm0,0xc0(%rdx)
   62f81:	vmovdqu 0xe0(%rsi),%ymm0
   62f89:	vpxor  0xe0(%rdi),%ymm0,%ymm0
   62f91:	vmovdqu %ymm0,0xe0(%rdx)
   62f99:	vzeroupper
   62f9c:	ret
