# function: assay::sum
# instrument: f
# symbol: _Z3sum
# benchmark: f/a
0000000000006640 <steady(benchmark::State&)>:
    6649:	cmpb   $0x0,0x1a(%rdi)
    664d:	je     6662 <steady(benchmark::State&)+0x22>
    6654:	add    $0x8,%rsp
    665d:	jmp    4050 <benchmark::State::FinishKeepRunning()@plt>
    6662:	mov    0x10(%rdi),%rbp
    666e:	je     6654 <steady(benchmark::State&)+0x14>
    66a0:	imul   %rdi,%rax
    66b2:	jl     66a0 <steady(benchmark::State&)+0x60>
    66b4:	sub    $0x1,%r8
    66b8:	jne    6690 <steady(benchmark::State&)+0x50>
    66c3:	jmp    *%rax
