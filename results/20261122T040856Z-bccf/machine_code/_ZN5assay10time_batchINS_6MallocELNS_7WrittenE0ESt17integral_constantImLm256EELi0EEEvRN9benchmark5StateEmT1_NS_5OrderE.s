# function: _ZN5assay10time_batchINS_6MallocELNS_7WrittenE0ESt17integral_constantImLm256EELi0EEEvRN9benchmark5StateEmT1_NS_5OrderE
# instrument: alloc_glibc
# symbol: _ZN5assay10time_batchINS_6MallocELNS_7WrittenE0ESt17integral_constantImLm256EELi0EEEvRN9benchmark5StateEmT1_NS_5OrderE
# benchmark: alloc/1000x256/unwritten/glibc
000000000000e340 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)>:
    e340:	push   %r15
    e342:	push   %r14
    e344:	push   %r13
    e346:	push   %r12
    e348:	push   %rbp
    e349:	push   %rbx
    e34a:	sub    $0x48,%rsp
    e34e:	mov    %rdi,0x8(%rsp)
    e353:	mov    %rsi,%rax
    e356:	shr    $0x3c,%rax
    e35a:	jne    e57f <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x23f>
    e360:	mov    %rsi,%rbx
    e363:	mov    %edx,%r12d
    e366:	test   %rsi,%rsi
    e369:	je     e52e <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1ee>
    e36f:	lea    0x0(,%rsi,8),%r14
    e377:	mov    %r14,%rdi
    e37a:	call   63f0 <operator new(unsigned long)@plt>
    e37f:	movq   $0x0,(%rax)
    e386:	mov    %rax,%rbp
    e389:	lea    0x8(%rax),%rdi
    e38d:	cmp    $0x1,%rbx
    e391:	je     e572 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x232>
    e397:	lea    (%rax,%r14,1),%r13
    e39b:	mov    %r14,0x18(%rsp)
    e3a0:	cmp    %rdi,%r13
    e3a3:	je     e3b0 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x70>
    e3a5:	lea    -0x8(%r14),%rdx
    e3a9:	xor    %esi,%esi
    e3ab:	call   6230 <memset@plt>
    e3b0:	lea    0x20(%rsp),%rdi
    e3b5:	mov    %r12d,%edx
    e3b8:	mov    %rbx,%rsi
    e3bb:	call   dfc0 <assay::release_order(unsigned long, assay::Order)>
    e3c0:	mov    0x28(%rsp),%r12
    e3c5:	mov    0x20(%rsp),%rbx
    e3ca:	mov    %r13,%rsi
    e3cd:	mov    %rbp,%rdi
    e3d0:	sub    %rbp,%rsi
    e3d3:	mov    %r12,%rcx
    e3d6:	sar    $0x3,%rsi
    e3da:	mov    %rbx,%rdx
    e3dd:	sub    %rbx,%rcx
    e3e0:	sar    $0x2,%rcx
    e3e4:	call   9840 <bool assay::warm_up<assay::Malloc, std::integral_constant<unsigned long, 256ul> >(assay::Malloc&, std::integral_constant<unsigned long, 256ul>, std::span<assay::Object*, 18446744073709551615ul>, std::span<unsigned int const, 18446744073709551615ul>) [clone .isra.0]>
    e3e9:	mov    %al,0x17(%rsp)
    e3ed:	mov    0x8(%rsp),%rax
    e3f2:	cmpb   $0x0,0x1a(%rax)
    e3f6:	mov    %rax,%rdi
    e3f9:	je     e44e <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x10e>
    e3fb:	call   6620 <benchmark::State::StartKeepRunning()@plt>
    e400:	mov    0x8(%rsp),%rdi
    e405:	call   6050 <benchmark::State::FinishKeepRunning()@plt>
    e40a:	cmpb   $0x0,0x17(%rsp)
    e40f:	je     e55c <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x21c>
    e415:	test   %rbx,%rbx
    e418:	je     e42a <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xea>
    e41a:	mov    0x30(%rsp),%rsi
    e41f:	mov    %rbx,%rdi
    e422:	sub    %rbx,%rsi
    e425:	call   6410 <operator delete(void*, unsigned long)@plt>
    e42a:	test   %rbp,%rbp
    e42d:	je     e54d <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x20d>
    e433:	mov    0x18(%rsp),%rsi
    e438:	add    $0x48,%rsp
    e43c:	mov    %rbp,%rdi
    e43f:	pop    %rbx
    e440:	pop    %rbp
    e441:	pop    %r12
    e443:	pop    %r13
    e445:	pop    %r14
    e447:	pop    %r15
    e449:	jmp    6410 <operator delete(void*, unsigned long)@plt>
    e44e:	mov    0x10(%rax),%r14
    e452:	call   6620 <benchmark::State::StartKeepRunning()@plt>
    e457:	test   %r14,%r14
    e45a:	je     e400 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xc0>
    e45c:	data16 cs nopw 0x0(%rax,%rax,1)
    e467:	data16 cs nopw 0x0(%rax,%rax,1)
    e472:	data16 cs nopw 0x0(%rax,%rax,1)
    e47d:	nopl   (%rax)
    e480:	mov    %rbp,%r15
    e483:	cmp    %rbp,%r13
    e486:	je     e4d7 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x197>
    e488:	data16 cs nopw 0x0(%rax,%rax,1)
    e493:	data16 cs nopw 0x0(%rax,%rax,1)
    e49e:	data16 cs nopw 0x0(%rax,%rax,1)
    e4a9:	data16 cs nopw 0x0(%rax,%rax,1)
    e4b4:	data16 cs nopw 0x0(%rax,%rax,1)
    e4bf:	nop
    e4c0:	mov    $0x100,%edi
    e4c5:	add    $0x8,%r15
    e4c9:	call   6800 <malloc@plt>
    e4ce:	mov    %rax,-0x8(%r15)
    e4d2:	cmp    %r15,%r13
    e4d5:	jne    e4c0 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x180>
    e4d7:	cmp    %r12,%rbx
    e4da:	je     e515 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1d5>
    e4dc:	data16 cs nopw 0x0(%rax,%rax,1)
    e4e7:	data16 cs nopw 0x0(%rax,%rax,1)
    e4f2:	data16 cs nopw 0x0(%rax,%rax,1)
    e4fd:	nopl   (%rax)
    e500:	mov    (%rbx),%eax
    e502:	add    $0x4,%rbx
    e506:	mov    0x0(%rbp,%rax,8),%rdi
    e50b:	call   64d0 <free@plt>
    e510:	cmp    %r12,%rbx
    e513:	jne    e500 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1c0>
    e515:	mov    0x20(%rsp),%rbx
    e51a:	sub    $0x1,%r14
    e51e:	je     e400 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xc0>
    e524:	mov    0x28(%rsp),%r12
    e529:	jmp    e480 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x140>
    e52e:	lea    0x20(%rsp),%rdi
    e533:	xor    %esi,%esi
    e535:	xor    %ebp,%ebp
    e537:	xor    %r13d,%r13d
    e53a:	call   dfc0 <assay::release_order(unsigned long, assay::Order)>
    e53f:	movq   $0x0,0x18(%rsp)
    e548:	jmp    e3c0 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x80>
    e54d:	add    $0x48,%rsp
    e551:	pop    %rbx
    e552:	pop    %rbp
    e553:	pop    %r12
    e555:	pop    %r13
    e557:	pop    %r14
    e559:	pop    %r15
    e55b:	ret
    e55c:	mov    0x8(%rsp),%rdi
    e561:	lea    0x24ad2(%rip),%rsi        # 3303a <_IO_stdin_used+0x3a>
    e568:	call   6760 <benchmark::State::SkipWithError(char const*)@plt>
    e56d:	jmp    e415 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xd5>
    e572:	mov    %r14,0x18(%rsp)
    e577:	mov    %rdi,%r13
    e57a:	jmp    e3b0 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x70>
    e57f:	lea    0x24bc2(%rip),%rdi        # 33148 <_IO_stdin_used+0x148>
    e586:	call   6210 <std::__throw_length_error(char const*)@plt>
    e58b:	mov    %rax,%rbx
    e58e:	jmp    e5af <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x26f>
    e590:	mov    %rax,%rbx
    e593:	mov    0x20(%rsp),%rdi
    e598:	mov    0x30(%rsp),%rsi
    e59d:	sub    %rdi,%rsi
    e5a0:	test   %rdi,%rdi
    e5a3:	je     e5aa <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x26a>
    e5a5:	call   6410 <operator delete(void*, unsigned long)@plt>
    e5aa:	test   %rbp,%rbp
    e5ad:	je     e5bc <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x27c>
    e5af:	mov    0x18(%rsp),%rsi
    e5b4:	mov    %rbp,%rdi
    e5b7:	call   6410 <operator delete(void*, unsigned long)@plt>
    e5bc:	mov    %rbx,%rdi
    e5bf:	call   6720 <_Unwind_Resume@plt>
