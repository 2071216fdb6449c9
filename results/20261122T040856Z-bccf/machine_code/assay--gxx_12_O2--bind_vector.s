# function: assay::gxx_12_O2::bind_vector
# instrument: bind
# symbol: _ZN5assay9gxx_12_O211bind_vectorERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/vector
000000000006ce00 <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   6ce00:	push   %rbp
   6ce01:	mov    %rsp,%rbp
   6ce04:	push   %r15
   6ce06:	lea    0x100(%rdi),%r15
   6ce0d:	push   %r14
   6ce0f:	mov    %rdi,%r14
   6ce12:	mov    $0x100,%edi
   6ce17:	push   %r13
   6ce19:	mov    %rdx,%r13
   6ce1c:	push   %r12
   6ce1e:	mov    %rsi,%r12
   6ce21:	push   %rbx
   6ce22:	and    $0xffffffffffffffe0,%rsp
   6ce26:	call   b480 <operator new(unsigned long)@plt>
   6ce2b:	mov    %rax,%rbx
   6ce2e:	cmp    %r15,%r14
   6ce31:	je     6ce43 <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x43>
   6ce33:	mov    $0x100,%edx
   6ce38:	mov    %r14,%rsi
   6ce3b:	mov    %rax,%rdi
   6ce3e:	call   b400 <memcpy@plt>
   6ce43:	mov    $0x100,%edi
   6ce48:	lea    0x100(%r12),%r14
   6ce50:	call   b480 <operator new(unsigned long)@plt>
   6ce55:	mov    %rax,%rdi
   6ce58:	cmp    %r14,%r12
   6ce5b:	je     6ce6d <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x6d>
   6ce5d:	mov    $0x100,%edx
   6ce62:	mov    %r12,%rsi
   6ce65:	call   b400 <memcpy@plt>
   6ce6a:	mov    %rax,%rdi
   6ce6d:	vmovdqu (%rdi),%ymm1
   6ce71:	vpxor  (%rbx),%ymm1,%ymm0
   6ce75:	mov    $0x100,%esi
   6ce7a:	vmovdqu 0x20(%rbx),%ymm2
   6ce7f:	vmovdqu 0x40(%rbx),%ymm3
   6ce84:	vmovdqu %ymm0,0x0(%r13)
   6ce8a:	vpxor  0x20(%rdi),%ymm2,%ymm0
   6ce8f:	vmovdqu 0x60(%rbx),%ymm4
   6ce94:	vmovdqu 0x80(%rbx),%ymm5
   6ce9c:	vmovdqu 0xa0(%rbx),%ymm6
   6cea4:	vmovdqu %ymm0,0x20(%r13)
   6ceaa:	vpxor  0x40(%rdi),%ymm3,%ymm0
   6ceaf:	vmovdqu 0xc0(%rbx),%ymm7
   6ceb7:	vmovdqu 0xe0(%rbx),%ymm1
   6cebf:	vmovdqu %ymm0,0x40(%r13)
   6cec5:	vpxor  0x60(%rdi),%ymm4,%ymm0
   6ceca:	vmovdqu %ymm0,0x60(%r13)
   6ced0:	vpxor  0x80(%rdi),%ymm5,%ymm0
   6ced8:	vmovdqu %ymm0,0x80(%r13)
   6cee1:	vpxor  0xa0(%rdi),%ymm6,%ymm0
   6cee9:	vmovdqu %ymm0,0xa0(%r13)
   6cef2:	vpxor  0xc0(%rdi),%ymm7,%ymm0
   6cefa:	vmovdqu %ymm0,0xc0(%r13)
   6cf03:	vpxor  0xe0(%rdi),%ymm1,%ymm0
   6cf0b:	vmovdqu %ymm0,0xe0(%r13)
   6cf14:	vzeroupper
   6cf17:	call   b4a0 <operator delete(void*, unsigned long)@plt>
   6cf1c:	lea    -0x28(%rbp),%rsp
   6cf20:	mov    %rbx,%rdi
   6cf23:	mov    $0x100,%esi
   6cf28:	pop    %rbx
   6cf29:	pop    %r12
   6cf2b:	pop    %r13
   6cf2d:	pop    %r14
   6cf2f:	pop    %r15
   6cf31:	pop    %rbp
   6cf32:	jmp    b4a0 <operator delete(void*, unsigned long)@plt>
