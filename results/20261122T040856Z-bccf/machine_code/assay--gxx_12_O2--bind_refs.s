# function: assay::gxx_12_O2::bind_refs
# instrument: bind
# symbol: _ZN5assay9gxx_12_O29bind_refsERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/refs
0000000000067cc0 <assay::gxx_12_O2::bind_refs(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   67cc0:	vmovdqu (%rdi),%ymm1
   67cc4:	vpxor  (%rsi),%ymm1,%ymm0
   67cc8:	vmovdqu %ymm0,(%rdx)
   67ccc:	vmovdqu 0x20(%rdi),%ymm2
   67cd1:	vpxor  0x20(%rsi),%ymm2,%ymm0
   67cd6:	vmovdqu %ymm0,0x20(%rdx)
   67cdb:	vmovdqu 0x40(%rdi),%ymm3
   67ce0:	vpxor  0x40(%rsi),%ymm3,%ymm0
   67ce5:	vmovdqu %ymm0,0x40(%rdx)
   67cea:	vmovdqu 0x60(%rdi),%ymm4
   67cef:	vpxor  0x60(%rsi),%ymm4,%ymm0
   67cf4:	vmovdqu %ymm0,0x60(%rdx)
   67cf9:	vmovdqu 0x80(%rdi),%ymm5
   67d01:	vpxor  0x80(%rsi),%ymm5,%ymm0
   67d09:	vmovdqu %ymm0,0x80(%rdx)
   67d11:	vmovdqu 0xa0(%rdi),%ymm6
   67d19:	vpxor  0xa0(%rsi),%ymm6,%ymm0
   67d21:	vmovdqu %ymm0,0xa0(%rdx)
   67d29:	vmovdqu 0xc0(%rdi),%ymm7
   67d31:	vpxor  0xc0(%rsi),%ymm7,%ymm0
   67d39:	vmovdqu %ymm0,0xc0(%rdx)
   67d41:	vmovdqu 0xe0(%rsi),%ymm0
   67d49:	vpxor  0xe0(%rdi),%ymm0,%ymm0
   67d51:	vmovdqu %ymm0,0xe0(%rdx)
   67d59:	vzeroupper
   67d5c:	ret
