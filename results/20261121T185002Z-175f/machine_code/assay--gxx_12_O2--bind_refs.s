# function: assay::gxx_12_O2::bind_refs
# instrument: bind
# symbol: _ZN5assay9gxx_12_O29bind_refsERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/refs
00000000000669c0 <assay::gxx_12_O2::bind_refs(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   669c0:	vmovdqu (%rdi),%ymm1
   669c4:	vpxor  (%rsi),%ymm1,%ymm0
   669c8:	vmovdqu %ymm0,(%rdx)
   669cc:	vmovdqu 0x20(%rdi),%ymm2
   669d1:	vpxor  0x20(%rsi),%ymm2,%ymm0
   669d6:	vmovdqu %ymm0,0x20(%rdx)
   669db:	vmovdqu 0x40(%rdi),%ymm3
   669e0:	vpxor  0x40(%rsi),%ymm3,%ymm0
   669e5:	vmovdqu %ymm0,0x40(%rdx)
   669ea:	vmovdqu 0x60(%rdi),%ymm4
   669ef:	vpxor  0x60(%rsi),%ymm4,%ymm0
   669f4:	vmovdqu %ymm0,0x60(%rdx)
   669f9:	vmovdqu 0x80(%rdi),%ymm5
   66a01:	vpxor  0x80(%rsi),%ymm5,%ymm0
   66a09:	vmovdqu %ymm0,0x80(%rdx)
   66a11:	vmovdqu 0xa0(%rdi),%ymm6
   66a19:	vpxor  0xa0(%rsi),%ymm6,%ymm0
   66a21:	vmovdqu %ymm0,0xa0(%rdx)
   66a29:	vmovdqu 0xc0(%rdi),%ymm7
   66a31:	vpxor  0xc0(%rsi),%ymm7,%ymm0
   66a39:	vmovdqu %ymm0,0xc0(%rdx)
   66a41:	vmovdqu 0xe0(%rsi),%ymm0
   66a49:	vpxor  0xe0(%rdi),%ymm0,%ymm0
   66a51:	vmovdqu %ymm0,0xe0(%rdx)
   66a59:	vzeroupper
   66a5c:	ret
