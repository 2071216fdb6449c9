# function: assay::clangxx_19_O2::bind_malloc
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_mallocERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/malloc
000000000006de80 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   6de80:	push   %r15
   6de82:	push   %r14
   6de84:	push   %r12
   6de86:	push   %rbx
   6de87:	push   %rax
   6de88:	mov    %rdx,%rbx
   6de8b:	mov    %rsi,%r15
   6de8e:	mov    %rdi,%r12
   6de91:	mov    $0x100,%edi
   6de96:	call   b600 <malloc@plt>
   6de9b:	test   %rax,%rax
   6de9e:	je     6e060 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x1e0>
   6dea4:	mov    %rax,%r14
   6dea7:	vmovups 0xe0(%r12),%ymm0
   6deb1:	vmovups %ymm0,0xe0(%rax)
   6deb9:	vmovups 0xc0(%r12),%ymm0
   6dec3:	vmovups %ymm0,0xc0(%rax)
   6decb:	vmovups 0xa0(%r12),%ymm0
   6ded5:	vmovups %ymm0,0xa0(%rax)
   6dedd:	vmovups 0x80(%r12),%ymm0
   6dee7:	vmovups %ymm0,0x80(%rax)
   6deef:	vmovups (%r12),%ymm0
   6def5:	vmovups 0x20(%r12),%ymm1
   6defc:	vmovups 0x40(%r12),%ymm2
   6df03:	vmovups 0x60(%r12),%ymm3
   6df0a:	vmovups %ymm3,0x60(%rax)
   6df0f:	vmovups %ymm2,0x40(%rax)
   6df14:	vmovups %ymm1,0x20(%rax)
   6df19:	vmovups %ymm0,(%rax)
   6df1d:	mov    $0x100,%edi
   6df22:	vzeroupper
   6df25:	call   b600 <malloc@plt>
   6df2a:	test   %rax,%rax
   6df2d:	je     6e060 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x1e0>
   6df33:	vmovups (%r15),%ymm0
   6df38:	vmovups 0x20(%r15),%ymm1
   6df3e:	vmovups 0x40(%r15),%ymm2
   6df44:	vmovups 0x60(%r15),%ymm3
   6df4a:	vmovups %ymm0,(%rax)
   6df4e:	vmovups 0xe0(%r15),%ymm0
   6df57:	vmovups %ymm0,0xe0(%rax)
   6df5f:	vmovups 0xc0(%r15),%ymm0
   6df68:	vmovups %ymm0,0xc0(%rax)
   6df70:	vmovups 0xa0(%r15),%ymm0
   6df79:	vmovups %ymm0,0xa0(%rax)
   6df81:	vmovups 0x80(%r15),%ymm0
   6df8a:	vmovups %ymm0,0x80(%rax)
   6df92:	vmovups %ymm3,0x60(%rax)
   6df97:	vmovups %ymm2,0x40(%rax)
   6df9c:	vmovups %ymm1,0x20(%rax)
   6dfa1:	vmovups (%rax),%ymm0
   6dfa5:	vxorps (%r14),%ymm0,%ymm0
   6dfaa:	vmovaps %ymm0,(%rbx)
   6dfae:	vmovups 0x20(%rax),%ymm0
   6dfb3:	vxorps 0x20(%r14),%ymm0,%ymm0
   6dfb9:	vmovaps %ymm0,0x20(%rbx)
   6dfbe:	vmovups 0x40(%rax),%ymm0
   6dfc3:	vxorps 0x40(%r14),%ymm0,%ymm0
   6dfc9:	vmovaps %ymm0,0x40(%rbx)
   6dfce:	vmovups 0x60(%rax),%ymm0
   6dfd3:	vxorps 0x60(%r14),%ymm0,%ymm0
   6dfd9:	vmovaps %ymm0,0x60(%rbx)
   6dfde:	vmovups 0x80(%rax),%ymm0
   6dfe6:	vxorps 0x80(%r14),%ymm0,%ymm0
   6dfef:	vmovaps %ymm0,0x80(%rbx)
   6dff7:	vmovups 0xa0(%rax),%ymm0
   6dfff:	vxorps 0xa0(%r14),%ymm0,%ymm0
   6e008:	vmovaps %ymm0,0xa0(%rbx)
   6e010:	vmovups 0xc0(%rax),%ymm0
   6e018:	vxorps 0xc0(%r14),%ymm0,%ymm0
   6e021:	vmovaps %ymm0,0xc0(%rbx)
   6e029:	vmovups 0xe0(%rax),%ymm0
   6e031:	vxorps 0xe0(%r14),%ymm0,%ymm0
   6e03a:	vmovaps %ymm0,0xe0(%rbx)
   6e042:	mov    %rax,%rdi
   6e045:	vzeroupper
   6e048:	call   b560 <free@plt>
   6e04d:	mov    %r14,%rdi
   6e050:	add    $0x8,%rsp
   6e054:	pop    %rbx
   6e055:	pop    %r12
   6e057:	pop    %r14
   6e059:	pop    %r15
   6e05b:	jmp    b560 <free@plt>
   6e060:	call   b290 <abort@plt>
