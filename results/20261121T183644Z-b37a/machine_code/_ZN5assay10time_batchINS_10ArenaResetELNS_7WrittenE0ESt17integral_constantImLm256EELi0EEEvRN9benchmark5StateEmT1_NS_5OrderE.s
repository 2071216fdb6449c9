# function: _ZN5assay10time_batchINS_10ArenaResetELNS_7WrittenE0ESt17integral_constantImLm256EELi0EEEvRN9benchmark5StateEmT1_NS_5OrderE
# instrument: alloc
# symbol: _ZN5assay10time_batchINS_10ArenaResetELNS_7WrittenE0ESt17integral_constantImLm256EELi0EEEvRN9benchmark5StateEmT1_NS_5OrderE
# benchmark: alloc/1000x256/unwritten/arena
0000000000017680 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)>:
   17680:	push   %r15
   17682:	mov    %edx,%r15d
   17685:	push   %r14
   17687:	mov    %rdi,%r14
   1768a:	push   %r13
   1768c:	push   %r12
   1768e:	mov    %rsi,%r12
   17691:	push   %rbp
   17692:	push   %rbx
   17693:	sub    $0x78,%rsp
   17697:	shl    $0x4,%rsi
   1769b:	lea    0x30(%rsp),%r13
   176a0:	xor    %edx,%edx
   176a2:	add    %r12,%rsi
   176a5:	mov    %r13,%rdi
   176a8:	shl    $0x4,%rsi
   176ac:	add    $0x1000,%rsi
   176b3:	call   43540 <assay::Arena::Arena(unsigned long, assay::Arena::Growth)>
   176b8:	mov    %r12,%rax
   176bb:	shr    $0x3c,%rax
   176bf:	jne    1790c <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x28c>
   176c5:	test   %r12,%r12
   176c8:	je     178bc <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x23c>
   176ce:	lea    0x0(,%r12,8),%rbx
   176d6:	mov    %rbx,%rdi
   176d9:	call   7440 <operator new(unsigned long)@plt>
   176de:	movq   $0x0,(%rax)
   176e5:	mov    %rax,%rbp
   176e8:	lea    0x8(%rax),%rax
   176ec:	mov    %rax,(%rsp)
   176f0:	mov    %rbx,0x8(%rsp)
   176f5:	cmp    $0x1,%r12
   176f9:	je     178f1 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x271>
   176ff:	mov    (%rsp),%rdi
   17703:	mov    %rbx,%rax
   17706:	lea    0x0(%rbp,%rbx,1),%rbx
   1770b:	cmp    %rdi,%rbx
   1770e:	je     1771b <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x9b>
   17710:	lea    -0x8(%rax),%rdx
   17714:	xor    %esi,%esi
   17716:	call   7230 <memset@plt>
   1771b:	lea    0x10(%rsp),%rdi
   17720:	mov    %r15d,%edx
   17723:	mov    %r12,%rsi
   17726:	call   14fc0 <assay::release_order(unsigned long, assay::Order)>
   1772b:	mov    0x10(%rsp),%r15
   17730:	mov    0x18(%rsp),%r8
   17735:	mov    %rbx,%rdx
   17738:	mov    %rbp,%rsi
   1773b:	sub    %rbp,%rdx
   1773e:	mov    %r13,%rdi
   17741:	sub    %r15,%r8
   17744:	sar    $0x3,%rdx
   17748:	mov    %r15,%rcx
   1774b:	sar    $0x2,%r8
   1774f:	call   d780 <bool assay::warm_up<assay::ArenaReset, std::integral_constant<unsigned long, 256ul> >(assay::ArenaReset&, std::integral_constant<unsigned long, 256ul>, std::span<assay::Object*, 18446744073709551615ul>, std::span<unsigned int const, 18446744073709551615ul>) [clone .isra.0]>
   17754:	cmpb   $0x0,0x1a(%r14)
   17759:	mov    %al,(%rsp)
   1775c:	je     177b6 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x136>
   1775e:	mov    %r14,%rdi
   17761:	call   76d0 <benchmark::State::StartKeepRunning()@plt>
   17766:	mov    %r14,%rdi
   17769:	call   7050 <benchmark::State::FinishKeepRunning()@plt>
   1776e:	cmpb   $0x0,(%rsp)
   17772:	je     178dd <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x25d>
   17778:	test   %r15,%r15
   1777b:	je     1778d <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x10d>
   1777d:	mov    0x20(%rsp),%rsi
   17782:	mov    %r15,%rdi
   17785:	sub    %r15,%rsi
   17788:	call   7460 <operator delete(void*, unsigned long)@plt>
   1778d:	test   %rbp,%rbp
   17790:	je     1779f <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x11f>
   17792:	mov    0x8(%rsp),%rsi
   17797:	mov    %rbp,%rdi
   1779a:	call   7460 <operator delete(void*, unsigned long)@plt>
   1779f:	mov    %r13,%rdi
   177a2:	call   434a0 <assay::Arena::~Arena()>
   177a7:	add    $0x78,%rsp
   177ab:	pop    %rbx
   177ac:	pop    %rbp
   177ad:	pop    %r12
   177af:	pop    %r13
   177b1:	pop    %r14
   177b3:	pop    %r15
   177b5:	ret
   177b6:	mov    %r14,%rdi
   177b9:	mov    0x10(%r14),%r12
   177bd:	call   76d0 <benchmark::State::StartKeepRunning()@plt>
   177c2:	test   %r12,%r12
   177c5:	je     17766 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xe6>
   177c7:	data16 cs nopw 0x0(%rax,%rax,1)
   177d2:	data16 cs nopw 0x0(%rax,%rax,1)
   177dd:	data16 cs nopw 0x0(%rax,%rax,1)
   177e8:	data16 cs nopw 0x0(%rax,%rax,1)
   177f3:	data16 cs nopw 0x0(%rax,%rax,1)
   177fe:	xchg   %ax,%ax
   17800:	mov    %rbp,%r15
   17803:	cmp    %rbp,%rbx
   17806:	jne    1782c <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1ac>
   17808:	jmp    17880 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x200>
   1780a:	nopw   0x0(%rax,%rax,1)
   17810:	sub    $0x100,%rax
   17816:	add    $0x8,%r15
   1781a:	and    $0xfffffffffffffff0,%rax
   1781e:	mov    %rax,0x30(%rsp)
   17823:	mov    %rax,-0x8(%r15)
   17827:	cmp    %r15,%rbx
   1782a:	je     17880 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x200>
   1782c:	mov    0x30(%rsp),%rax
   17831:	mov    %rax,%rdx
   17834:	sub    0x38(%rsp),%rdx
   17839:	cmp    $0xff,%rdx
   17840:	ja     17810 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x190>
   17842:	mov    $0x10,%edx
   17847:	mov    $0x100,%esi
   1784c:	mov    %r13,%rdi
   1784f:	add    $0x8,%r15
   17853:	call   43b40 <assay::Arena::allocate_slowly(unsigned long, unsigned long)>
   17858:	mov    %rax,-0x8(%r15)
   1785c:	cmp    %r15,%rbx
   1785f:	jne    1782c <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1ac>
   17861:	data16 cs nopw 0x0(%rax,%rax,1)
   1786c:	data16 cs nopw 0x0(%rax,%rax,1)
   17877:	nopw   0x0(%rax,%rax,1)
   17880:	mov    0x48(%rsp),%rax
   17885:	mov    0x8(%rax),%rdx
   17889:	add    (%rax),%rdx
   1788c:	cmpq   $0x0,0x40(%rsp)
   17892:	jne    178b0 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x230>
   17894:	mov    %rdx,0x30(%rsp)
   17899:	sub    $0x1,%r12
   1789d:	jne    17800 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x180>
   178a3:	mov    0x10(%rsp),%r15
   178a8:	jmp    17766 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xe6>
   178ad:	nopl   (%rax)
   178b0:	xor    %esi,%esi
   178b2:	mov    %r13,%rdi
   178b5:	call   43780 <assay::Arena::rewind_to_block(assay::Arena::Mark)>
   178ba:	jmp    17899 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x219>
   178bc:	lea    0x10(%rsp),%rdi
   178c1:	mov    %r15d,%edx
   178c4:	xor    %esi,%esi
   178c6:	call   14fc0 <assay::release_order(unsigned long, assay::Order)>
   178cb:	movq   $0x0,0x8(%rsp)
   178d4:	xor    %ebx,%ebx
   178d6:	xor    %ebp,%ebp
   178d8:	jmp    1772b <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xab>
   178dd:	lea    0x2c756(%rip),%rsi        # 4403a <_IO_stdin_used+0x3a>
   178e4:	mov    %r14,%rdi
   178e7:	call   7820 <benchmark::State::SkipWithError(char const*)@plt>
   178ec:	jmp    17778 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xf8>
   178f1:	lea    0x10(%rsp),%rdi
   178f6:	mov    %r15d,%edx
   178f9:	mov    $0x1,%esi
   178fe:	call   14fc0 <assay::release_order(unsigned long, assay::Order)>
   17903:	mov    (%rsp),%rbx
   17907:	jmp    1772b <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xab>
   1790c:	lea    0x2c925(%rip),%rdi        # 44238 <_IO_stdin_used+0x238>
   17913:	call   7210 <std::__throw_length_error(char const*)@plt>
   17918:	mov    %rax,%rbx
   1791b:	jmp    1794b <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2cb>
   1791d:	mov    %rax,%rbx
   17920:	jmp    1793e <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2be>
   17922:	mov    0x10(%rsp),%rdi
   17927:	mov    0x20(%rsp),%rsi
   1792c:	sub    %rdi,%rsi
   1792f:	test   %rdi,%rdi
   17932:	je     17939 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2b9>
   17934:	call   7460 <operator delete(void*, unsigned long)@plt>
   17939:	test   %rbp,%rbp
   1793c:	je     1794b <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2cb>
   1793e:	mov    0x8(%rsp),%rsi
   17943:	mov    %rbp,%rdi
   17946:	call   7460 <operator delete(void*, unsigned long)@plt>
   1794b:	mov    %r13,%rdi
   1794e:	call   434a0 <assay::Arena::~Arena()>
   17953:	mov    %rbx,%rdi
   17956:	call   77e0 <_Unwind_Resume@plt>
   1795b:	jmp    17918 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x298>
   1795d:	mov    %rax,%rbx
   17960:	jmp    17922 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2a2>
