# function: assay::gxx_12_O2::bind_vector
# instrument: bind
# symbol: _ZN5assay9gxx_12_O211bind_vectorERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/g++-12-O2/call/vector
0000000000065140 <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   65140:	push   %rbp
   65141:	mov    %rsp,%rbp
   65144:	push   %r15
   65146:	lea    0x100(%rdi),%r15
   6514d:	push   %r14
   6514f:	mov    %rdi,%r14
   65152:	mov    $0x100,%edi
   65157:	push   %r13
   65159:	mov    %rdx,%r13
   6515c:	push   %r12
   6515e:	mov    %rsi,%r12
   65161:	push   %rbx
   65162:	and    $0xffffffffffffffe0,%rsp
   65166:	call   b460 <operator new(unsigned long)@plt>
   6516b:	mov    %rax,%rbx
   6516e:	cmp    %r15,%r14
   65171:	je     65183 <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x43>
   65173:	mov    $0x100,%edx
   65178:	mov    %r14,%rsi
   6517b:	mov    %rax,%rdi
   6517e:	call   b3e0 <memcpy@plt>
   65183:	mov    $0x100,%edi
   65188:	lea    0x100(%r12),%r14
   65190:	call   b460 <operator new(unsigned long)@plt>
   65195:	mov    %rax,%rdi
   65198:	cmp    %r14,%r12
   6519b:	je     651ad <assay::gxx_12_O2::bind_vector(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x6d>
   6519d:	mov    $0x100,%edx
   651a2:	mov    %r12,%rsi
   651a5:	call   b3e0 <memcpy@plt>
   651aa:	mov    %rax,%rdi
   651ad:	vmovdqu (%rdi),%ymm1
   651b1:	vpxor  (%rbx),%ymm1,%ymm0
   651b5:	mov    $0x100,%esi
   651ba:	vmovdqu 0x20(%rdi),%ymm2
   651bf:	vmovdqu 0x40(%rbx),%ymm3
   651c4:	vmovdqu %ymm0,0x0(%r13)
   651ca:	vpxor  0x20(%rbx),%ymm2,%ymm0
   651cf:	vmovdqu 0x60(%rbx),%ymm4
   651d4:	vmovdqu 0x80(%rbx),%ymm5
   651dc:	vmovdqu 0xa0(%rbx),%ymm6
   651e4:	vmovdqu %ymm0,0x20(%r13)
   651ea:	vpxor  0x40(%rdi),%ymm3,%ymm0
   651ef:	vmovdqu 0xc0(%rbx),%ymm7
   651f7:	vmovdqu 0xe0(%rbx),%ymm1
   651ff:	vmovdqu %ymm0,0x40(%r13)
   65205:	vpxor  0x60(%rdi),%ymm4,%ymm0
   6520a:	vmovdqu %ymm0,0x60(%r13)
   65210:	vpxor  0x80(%rdi),%ymm5,%ymm0
   65218:	vmovdqu %ymm0,0x80(%r13)
   65221:	vpxor  0xa0(%rdi),%ymm6,%ymm0
   65229:	vmovdqu %ymm0,0xa0(%r13)
   65232:	vpxor  0xc0(%rdi),%ymm7,%ymm0
   6523a:	vmovdqu %ymm0,0xc0(%r13)
   65243:	vpxor  0xe0(%rdi),%ymm1,%ymm0
   6524b:	vmovdqu %ymm0,0xe0(%r13)
   65254:	vzeroupper
   65257:	call   b480 <operator delete(void*, unsigned long)@plt>
   6525c:	lea    -0x28(%rbp),%rsp
   65260:	mov    %rbx,%rdi
   65263:	mov    $0x100,%esi
   65268:	pop    %rbx
   65269:	pop    %r12
   6526b:	pop    %r13
   6526d:	pop    %r14
   6526f:	pop    %r15
   65271:	pop    %rbp
   65272:	jmp    b480 <operator delete(void*, unsigned long)@plt>
