# function: assay::gxx_12_O2::bind_vector
# instrument: bind
# symbol: _ZN5assay9gxx_12_O211bind_vectorERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/vector
000000000006bb00 <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   6bb00:	push   %rbp
   6bb01:	mov    %rsp,%rbp
   6bb04:	push   %r15
   6bb06:	lea    0x100(%rdi),%r15
   6bb0d:	push   %r14
   6bb0f:	mov    %rdi,%r14
   6bb12:	mov    $0x100,%edi
   6bb17:	push   %r13
   6bb19:	mov    %rdx,%r13
   6bb1c:	push   %r12
   6bb1e:	mov    %rsi,%r12
   6bb21:	push   %rbx
   6bb22:	and    $0xffffffffffffffe0,%rsp
   6bb26:	call   b480 <operator new(unsigned long)@plt>
   6bb2b:	mov    %rax,%rbx
   6bb2e:	cmp    %r15,%r14
   6bb31:	je     6bb43 <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x43>
   6bb33:	mov    $0x100,%edx
   6bb38:	mov    %r14,%rsi
   6bb3b:	mov    %rax,%rdi
   6bb3e:	call   b400 <memcpy@plt>
   6bb43:	mov    $0x100,%edi
   6bb48:	lea    0x100(%r12),%r14
   6bb50:	call   b480 <operator new(unsigned long)@plt>
   6bb55:	mov    %rax,%rdi
   6bb58:	cmp    %r14,%r12
   6bb5b:	je     6bb6d <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x6d>
   6bb5d:	mov    $0x100,%edx
   6bb62:	mov    %r12,%rsi
   6bb65:	call   b400 <memcpy@plt>
   6bb6a:	mov    %rax,%rdi
   6bb6d:	vmovdqu (%rdi),%ymm1
   6bb71:	vpxor  (%rbx),%ymm1,%ymm0
   6bb75:	mov    $0x100,%esi
   6bb7a:	vmovdqu 0x20(%rbx),%ymm2
   6bb7f:	vmovdqu 0x40(%rbx),%ymm3
   6bb84:	vmovdqu %ymm0,0x0(%r13)
   6bb8a:	vpxor  0x20(%rdi),%ymm2,%ymm0
   6bb8f:	vmovdqu 0x60(%rbx),%ymm4
   6bb94:	vmovdqu 0x80(%rbx),%ymm5
   6bb9c:	vmovdqu 0xa0(%rbx),%ymm6
   6bba4:	vmovdqu %ymm0,0x20(%r13)
   6bbaa:	vpxor  0x40(%rdi),%ymm3,%ymm0
   6bbaf:	vmovdqu 0xc0(%rbx),%ymm7
   6bbb7:	vmovdqu 0xe0(%rbx),%ymm1
   6bbbf:	vmovdqu %ymm0,0x40(%r13)
   6bbc5:	vpxor  0x60(%rdi),%ymm4,%ymm0
   6bbca:	vmovdqu %ymm0,0x60(%r13)
   6bbd0:	vpxor  0x80(%rdi),%ymm5,%ymm0
   6bbd8:	vmovdqu %ymm0,0x80(%r13)
   6bbe1:	vpxor  0xa0(%rdi),%ymm6,%ymm0
   6bbe9:	vmovdqu %ymm0,0xa0(%r13)
   6bbf2:	vpxor  0xc0(%rdi),%ymm7,%ymm0
   6bbfa:	vmovdqu %ymm0,0xc0(%r13)
   6bc03:	vpxor  0xe0(%rdi),%ymm1,%ymm0
   6bc0b:	vmovdqu %ymm0,0xe0(%r13)
   6bc14:	vzeroupper
   6bc17:	call   b4a0 <operator delete(void*, unsigned long)@plt>
   6bc1c:	lea    -0x28(%rbp),%rsp
   6bc20:	mov    %rbx,%rdi
   6bc23:	mov    $0x100,%esi
   6bc28:	pop    %rbx
   6bc29:	pop    %r12
   6bc2b:	pop    %r13
   6bc2d:	pop    %r14
   6bc2f:	pop    %r15
   6bc31:	pop    %rbp
   6bc32:	jmp    b4a0 <operator delete(void*, unsigned long)@plt>
