# function: assay::sum
# instrument: f
# symbol: _Z3sum
# benchmark: f/a
0000000000001000 <assay::sum(std::span<int, 4ul>)>:
    1000:	endbr64
    1004:	push   %rbx
    1005:	lea    0x2ff4(%rip),%rdi        # 4000 <table>
    100c:	mov    $0x10,%ecx
    1011:	rep stos %rax,%es:(%rdi)
    1014:	data16 cs nopw 0x0(%rax,%rax,1)
    101f:	nop

0000000000001020 <assay::sum(std::span<int, 4ul>)::inner>:
    1020:	lock xadd %eax,(%rsi)
    1024:	vpxor  (%rdi),%ymm1,%ymm0
    1028:	add    $0x20,%rdi
    102c:	jne,pt 1020 <assay::sum(std::span<int, 4ul>)+0x20>
    102f:	call   900 <memcpy@plt>
    1034:	notrack jmp *%rax
    1037:	bnd jmp 1011 <assay::sum(std::span<int, 4ul>)+0x11>
	...
    103c:	jle    1050 <assay::other()>
    103e:	pop    %rbx
    103f:	ret
    1040:	data16 data16 cs nopw 0x0(%rax,%rax,1)
    104b:	xchg   %ax,%ax
    104d:	int3
