# function: _ZN5assay10time_batchINS_10ArenaResetELNS_7WrittenE0ESt17integral_constantImLm256EELi0EEEvRN9benchmark5StateEmT1_NS_5OrderE
# instrument: alloc
# symbol: _ZN5assay10time_batchINS_10ArenaResetELNS_7WrittenE0ESt17integral_constantImLm256EELi0EEEvRN9benchmark5StateEmT1_NS_5OrderE
# benchmark: alloc/1000x256/unwritten/arena
0000000000017740 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)>:
   17740:	push   %r15
   17742:	mov    %edx,%r15d
   17745:	push   %r14
   17747:	mov    %rdi,%r14
   1774a:	push   %r13
   1774c:	push   %r12
   1774e:	mov    %rsi,%r12
   17751:	push   %rbp
   17752:	push   %rbx
   17753:	sub    $0x78,%rsp
   17757:	shl    $0x4,%rsi
   1775b:	lea    0x30(%rsp),%r13
   17760:	xor    %edx,%edx
   17762:	add    %r12,%rsi
   17765:	mov    %r13,%rdi
   17768:	shl    $0x4,%rsi
   1776c:	add    $0x1000,%rsi
   17773:	call   43750 <assay::Arena::Arena(unsigned long, assay::Arena::Growth)>
   17778:	mov    %r12,%rax
   1777b:	shr    $0x3c,%rax
   1777f:	jne    179cc <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x28c>
   17785:	test   %r12,%r12
   17788:	je     1797c <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x23c>
   1778e:	lea    0x0(,%r12,8),%rbx
   17796:	mov    %rbx,%rdi
   17799:	call   7440 <operator new(unsigned long)@plt>
   1779e:	movq   $0x0,(%rax)
   177a5:	mov    %rax,%rbp
   177a8:	lea    0x8(%rax),%rax
   177ac:	mov    %rax,(%rsp)
   177b0:	mov    %rbx,0x8(%rsp)
   177b5:	cmp    $0x1,%r12
   177b9:	je     179b1 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x271>
   177bf:	mov    (%rsp),%rdi
   177c3:	mov    %rbx,%rax
   177c6:	lea    0x0(%rbp,%rbx,1),%rbx
   177cb:	cmp    %rdi,%rbx
   177ce:	je     177db <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x9b>
   177d0:	lea    -0x8(%rax),%rdx
   177d4:	xor    %esi,%esi
   177d6:	call   7230 <memset@plt>
   177db:	lea    0x10(%rsp),%rdi
   177e0:	mov    %r15d,%edx
   177e3:	mov    %r12,%rsi
   177e6:	call   15080 <assay::release_order(unsigned long, assay::Order)>
   177eb:	mov    0x10(%rsp),%r15
   177f0:	mov    0x18(%rsp),%r8
   177f5:	mov    %rbx,%rdx
   177f8:	mov    %rbp,%rsi
   177fb:	sub    %rbp,%rdx
   177fe:	mov    %r13,%rdi
   17801:	sub    %r15,%r8
   17804:	sar    $0x3,%rdx
   17808:	mov    %r15,%rcx
   1780b:	sar    $0x2,%r8
   1780f:	call   d840 <bool assay::warm_up<assay::ArenaReset, std::integral_constant<unsigned long, 256ul> >(assay::ArenaReset&, std::integral_constant<unsigned long, 256ul>, std::span<assay::Object*, 18446744073709551615ul>, std::span<unsigned int const, 18446744073709551615ul>) [clone .isra.0]>
   17814:	cmpb   $0x0,0x1a(%r14)
   17819:	mov    %al,(%rsp)
   1781c:	je     17876 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x136>
   1781e:	mov    %r14,%rdi
   17821:	call   76e0 <benchmark::State::StartKeepRunning()@plt>
   17826:	mov    %r14,%rdi
   17829:	call   7050 <benchmark::State::FinishKeepRunning()@plt>
   1782e:	cmpb   $0x0,(%rsp)
   17832:	je     1799d <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x25d>
   17838:	test   %r15,%r15
   1783b:	je     1784d <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x10d>
   1783d:	mov    0x20(%rsp),%rsi
   17842:	mov    %r15,%rdi
   17845:	sub    %r15,%rsi
   17848:	call   7460 <operator delete(void*, unsigned long)@plt>
   1784d:	test   %rbp,%rbp
   17850:	je     1785f <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x11f>
   17852:	mov    0x8(%rsp),%rsi
   17857:	mov    %rbp,%rdi
   1785a:	call   7460 <operator delete(void*, unsigned long)@plt>
   1785f:	mov    %r13,%rdi
   17862:	call   436b0 <assay::Arena::~Arena()>
   17867:	add    $0x78,%rsp
   1786b:	pop    %rbx
   1786c:	pop    %rbp
   1786d:	pop    %r12
   1786f:	pop    %r13
   17871:	pop    %r14
   17873:	pop    %r15
   17875:	ret
   17876:	mov    %r14,%rdi
   17879:	mov    0x10(%r14),%r12
   1787d:	call   76e0 <benchmark::State::StartKeepRunning()@plt>
   17882:	test   %r12,%r12
   17885:	je     17826 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xe6>
   17887:	data16 cs nopw 0x0(%rax,%rax,1)
   17892:	data16 cs nopw 0x0(%rax,%rax,1)
   1789d:	data16 cs nopw 0x0(%rax,%rax,1)
   178a8:	data16 cs nopw 0x0(%rax,%rax,1)
   178b3:	data16 cs nopw 0x0(%rax,%rax,1)
   178be:	xchg   %ax,%ax
   178c0:	mov    %rbp,%r15
   178c3:	cmp    %rbp,%rbx
   178c6:	jne    178ec <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1ac>
   178c8:	jmp    17940 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x200>
   178ca:	nopw   0x0(%rax,%rax,1)
   178d0:	sub    $0x100,%rax
   178d6:	add    $0x8,%r15
   178da:	and    $0xfffffffffffffff0,%rax
   178de:	mov    %rax,0x30(%rsp)
   178e3:	mov    %rax,-0x8(%r15)
   178e7:	cmp    %r15,%rbx
   178ea:	je     17940 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x200>
   178ec:	mov    0x30(%rsp),%rax
   178f1:	mov    %rax,%rdx
   178f4:	sub    0x38(%rsp),%rdx
   178f9:	cmp    $0xff,%rdx
   17900:	ja     178d0 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x190>
   17902:	mov    $0x10,%edx
   17907:	mov    $0x100,%esi
   1790c:	mov    %r13,%rdi
   1790f:	add    $0x8,%r15
   17913:	call   43d50 <assay::Arena::allocate_slowly(unsigned long, unsigned long)>
   17918:	mov    %rax,-0x8(%r15)
   1791c:	cmp    %r15,%rbx
   1791f:	jne    178ec <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x1ac>
   17921:	data16 cs nopw 0x0(%rax,%rax,1)
   1792c:	data16 cs nopw 0x0(%rax,%rax,1)
   17937:	nopw   0x0(%rax,%rax,1)
   17940:	mov    0x48(%rsp),%rax
   17945:	mov    0x8(%rax),%rdx
   17949:	add    (%rax),%rdx
   1794c:	cmpq   $0x0,0x40(%rsp)
   17952:	jne    17970 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x230>
   17954:	mov    %rdx,0x30(%rsp)
   17959:	sub    $0x1,%r12
   1795d:	jne    178c0 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x180>
   17963:	mov    0x10(%rsp),%r15
   17968:	jmp    17826 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xe6>
   1796d:	nopl   (%rax)
   17970:	xor    %esi,%esi
   17972:	mov    %r13,%rdi
   17975:	call   43990 <assay::Arena::rewind_to_block(assay::Arena::Mark)>
   1797a:	jmp    17959 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x219>
   1797c:	lea    0x10(%rsp),%rdi
   17981:	mov    %r15d,%edx
   17984:	xor    %esi,%esi
   17986:	call   15080 <assay::release_order(unsigned long, assay::Order)>
   1798b:	movq   $0x0,0x8(%rsp)
   17994:	xor    %ebx,%ebx
   17996:	xor    %ebp,%ebp
   17998:	jmp    177eb <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xab>
   1799d:	lea    0x2c696(%rip),%rsi        # 4403a <_IO_stdin_used+0x3a>
   179a4:	mov    %r14,%rdi
   179a7:	call   7830 <benchmark::State::SkipWithError(char const*)@plt>
   179ac:	jmp    17838 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xf8>
   179b1:	lea    0x10(%rsp),%rdi
   179b6:	mov    %r15d,%edx
   179b9:	mov    $0x1,%esi
   179be:	call   15080 <assay::release_order(unsigned long, assay::Order)>
   179c3:	mov    (%rsp),%rbx
   179c7:	jmp    177eb <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0xab>
   179cc:	lea    0x2c865(%rip),%rdi        # 44238 <_IO_stdin_used+0x238>
   179d3:	call   7210 <std::__throw_length_error(char const*)@plt>
   179d8:	mov    %rax,%rbx
   179db:	jmp    17a0b <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2cb>
   179dd:	mov    %rax,%rbx
   179e0:	jmp    179fe <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2be>
   179e2:	mov    0x10(%rsp),%rdi
   179e7:	mov    0x20(%rsp),%rsi
   179ec:	sub    %rdi,%rsi
   179ef:	test   %rdi,%rdi
   179f2:	je     179f9 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2b9>
   179f4:	call   7460 <operator delete(void*, unsigned long)@plt>
   179f9:	test   %rbp,%rbp
   179fc:	je     17a0b <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2cb>
   179fe:	mov    0x8(%rsp),%rsi
   17a03:	mov    %rbp,%rdi
   17a06:	call   7460 <operator delete(void*, unsigned long)@plt>
   17a0b:	mov    %r13,%rdi
   17a0e:	call   436b0 <assay::Arena::~Arena()>
   17a13:	mov    %rbx,%rdi
   17a16:	call   77f0 <_Unwind_Resume@plt>
   17a1b:	jmp    179d8 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x298>
   17a1d:	mov    %rax,%rbx
   17a20:	jmp    179e2 <void assay::time_batch<assay::ArenaReset, (assay::Written)0, std::integral_constant<unsigned long, 256ul>, 0>(benchmark::State&, unsigned long, std::integral_constant<unsigned long, 256ul>, assay::Order)+0x2a2>
