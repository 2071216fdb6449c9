# function: _ZN5assay10time_batchINS_6MallocELNS_7WrittenE0ESt17integral_constantImLm256EELi0EEEvRN9benchmark5StateEmT1_NS_5OrderE
# instrument: alloc_glibc
# symbol: _ZN5assay10time_batchINS_6MallocELNS_7WrittenE0ESt17integral_constantImLm256EELi0EEEvRN9benchmark5StateEmT1_NS_5OrderE
# benchmark: alloc/1000x256/unwritten/glibc
000000000000e280 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)>:
    e280:	push   %r15
    e282:	push   %r14
    e284:	push   %r13
    e286:	push   %r12
    e288:	push   %rbp
    e289:	push   %rbx
    e28a:	sub    $0x48,%rsp
    e28e:	mov    %rdi,0x8(%rsp)
    e293:	mov    %rsi,%rax
    e296:	shr    $0x3c,%rax
    e29a:	jne    e4bf <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x23f>
    e2a0:	mov    %rsi,%rbx
    e2a3:	mov    %edx,%r12d
    e2a6:	test   %rsi,%rsi
    e2a9:	je     e46e <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1ee>
    e2af:	lea    0x0(,%rsi,8),%r14
    e2b7:	mov    %r14,%rdi
    e2ba:	call   63f0 <operator new(unsigned long)@plt>
    e2bf:	movq   $0x0,(%rax)
    e2c6:	mov    %rax,%rbp
    e2c9:	lea    0x8(%rax),%rdi
    e2cd:	cmp    $0x1,%rbx
    e2d1:	je     e4b2 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x232>
    e2d7:	lea    (%rax,%r14,1),%r13
    e2db:	mov    %r14,0x18(%rsp)
    e2e0:	cmp    %rdi,%r13
    e2e3:	je     e2f0 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x70>
    e2e5:	lea    -0x8(%r14),%rdx
    e2e9:	xor    %esi,%esi
    e2eb:	call   6230 <memset@plt>
    e2f0:	lea    0x20(%rsp),%rdi
    e2f5:	mov    %r12d,%edx
    e2f8:	mov    %rbx,%rsi
    e2fb:	call   df00 <assay::release_order(unsigned long, assay::Order)>
    e300:	mov    0x28(%rsp),%r12
    e305:	mov    0x20(%rsp),%rbx
    e30a:	mov    %r13,%rsi
    e30d:	mov    %rbp,%rdi
    e310:	sub    %rbp,%rsi
    e313:	mov    %r12,%rcx
    e316:	sar    $0x3,%rsi
    e31a:	mov    %rbx,%rdx
    e31d:	sub    %rbx,%rcx
    e320:	sar    $0x2,%rcx
    e324:	call   9780 <bool assay::warm_up<assay::Malloc, std::integral_constant<unsigned long, 256ul> >(assay::Malloc&, std::integral_constant<unsigned long, 256ul>, std::span<assay::Object*, 18446744073709551615ul>, std::span<unsigned int const, 18446744073709551615ul>) [clone .isra.0]>
    e329:	mov    %al,0x17(%rsp)
    e32d:	mov    0x8(%rsp),%rax
    e332:	cmpb   $0x0,0x1a(%rax)
    e336:	mov    %rax,%rdi
    e339:	je     e38e <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x10e>
    e33b:	call   6610 <benchmark::State::StartKeepRunning()@plt>
    e340:	mov    0x8(%rsp),%rdi
    e345:	call   6050 <benchmark::State::FinishKeepRunning()@plt>
    e34a:	cmpb   $0x0,0x17(%rsp)
    e34f:	je     e49c <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x21c>
    e355:	test   %rbx,%rbx
    e358:	je     e36a <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xea>
    e35a:	mov    0x30(%rsp),%rsi
    e35f:	mov    %rbx,%rdi
    e362:	sub    %rbx,%rsi
    e365:	call   6410 <operator delete(void*, unsigned long)@plt>
    e36a:	test   %rbp,%rbp
    e36d:	je     e48d <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x20d>
    e373:	mov    0x18(%rsp),%rsi
    e378:	add    $0x48,%rsp
    e37c:	mov    %rbp,%rdi
    e37f:	pop    %rbx
    e380:	pop    %rbp
    e381:	pop    %r12
    e383:	pop    %r13
    e385:	pop    %r14
    e387:	pop    %r15
    e389:	jmp    6410 <operator delete(void*, unsigned long)@plt>
    e38e:	mov    0x10(%rax),%r14
    e392:	call   6610 <benchmark::State::StartKeepRunning()@plt>
    e397:	test   %r14,%r14
    e39a:	je     e340 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xc0>
    e39c:	data16 cs nopw 0x0(%rax,%rax,1)
    e3a7:	data16 cs nopw 0x0(%rax,%rax,1)
    e3b2:	data16 cs nopw 0x0(%rax,%rax,1)
    e3bd:	nopl   (%rax)
    e3c0:	mov    %rbp,%r15
    e3c3:	cmp    %rbp,%r13
    e3c6:	je     e417 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x197>
    e3c8:	data16 cs nopw 0x0(%rax,%rax,1)
    e3d3:	data16 cs nopw 0x0(%rax,%rax,1)
    e3de:	data16 cs nopw 0x0(%rax,%rax,1)
    e3e9:	data16 cs nopw 0x0(%rax,%rax,1)
    e3f4:	data16 cs nopw 0x0(%rax,%rax,1)
    e3ff:	nop
    e400:	mov    $0x100,%edi
    e405:	add    $0x8,%r15
    e409:	call   67f0 <malloc@plt>
    e40e:	mov    %rax,-0x8(%r15)
    e412:	cmp    %r15,%r13
    e415:	jne    e400 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x180>
    e417:	cmp    %r12,%rbx
    e41a:	je     e455 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1d5>
    e41c:	data16 cs nopw 0x0(%rax,%rax,1)
    e427:	data16 cs nopw 0x0(%rax,%rax,1)
    e432:	data16 cs nopw 0x0(%rax,%rax,1)
    e43d:	nopl   (%rax)
    e440:	mov    (%rbx),%eax
    e442:	add    $0x4,%rbx
    e446:	mov    0x0(%rbp,%rax,8),%rdi
    e44b:	call   64d0 <free@plt>
    e450:	cmp    %r12,%rbx
    e453:	jne    e440 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1c0>
    e455:	mov    0x20(%rsp),%rbx
    e45a:	sub    $0x1,%r14
    e45e:	je     e340 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xc0>
    e464:	mov    0x28(%rsp),%r12
    e469:	jmp    e3c0 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x140>
    e46e:	lea    0x20(%rsp),%rdi
    e473:	xor    %esi,%esi
    e475:	xor    %ebp,%ebp
    e477:	xor    %r13d,%r13d
    e47a:	call   df00 <assay::release_order(unsigned long, assay::Order)>
    e47f:	movq   $0x0,0x18(%rsp)
    e488:	jmp    e300 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x80>
    e48d:	add    $0x48,%rsp
    e491:	pop    %rbx
    e492:	pop    %rbp
    e493:	pop    %r12
    e495:	pop    %r13
    e497:	pop    %r14
    e499:	pop    %r15
    e49b:	ret
    e49c:	mov    0x8(%rsp),%rdi
    e4a1:	lea    0x24b92(%rip),%rsi        # 3303a <_IO_stdin_used+0x3a>
    e4a8:	call   6750 <benchmark::State::SkipWithError(char const*)@plt>
    e4ad:	jmp    e355 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xd5>
    e4b2:	mov    %r14,0x18(%rsp)
    e4b7:	mov    %rdi,%r13
    e4ba:	jmp    e2f0 <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x70>
    e4bf:	lea    0x24c82(%rip),%rdi        # 33148 <_IO_stdin_used+0x148>
    e4c6:	call   6210 <std::__throw_length_error(char const*)@plt>
    e4cb:	mov    %rax,%rbx
    e4ce:	jmp    e4ef <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x26f>
    e4d0:	mov    %rax,%rbx
    e4d3:	mov    0x20(%rsp),%rdi
    e4d8:	mov    0x30(%rsp),%rsi
    e4dd:	sub    %rdi,%rsi
    e4e0:	test   %rdi,%rdi
    e4e3:	je     e4ea <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x26a>
    e4e5:	call   6410 <operator delete(void*, unsigned long)@plt>
    e4ea:	test   %rbp,%rbp
    e4ed:	je     e4fc <void assay::time_batch<assay::Malloc, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x27c>
    e4ef:	mov    0x18(%rsp),%rsi
    e4f4:	mov    %rbp,%rdi
    e4f7:	call   6410 <operator delete(void*, unsigned long)@plt>
    e4fc:	mov    %rbx,%rdi
    e4ff:	call   6710 <_Unwind_Resume@plt>
