# function: assay::clangxx_19_O2::bind_malloc
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_mallocERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/malloc
0000000000074400 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   74400:	push   %r15
   74402:	push   %r14
   74404:	push   %r12
   74406:	push   %rbx
   74407:	push   %rax
   74408:	mov    %rdx,%rbx
   7440b:	mov    %rsi,%r15
   7440e:	mov    %rdi,%r12
   74411:	mov    $0x100,%edi
   74416:	call   b620 <malloc@plt>
   7441b:	test   %rax,%rax
   7441e:	je     745e0 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x1e0>
   74424:	mov    %rax,%r14
   74427:	vmovups 0xe0(%r12),%ymm0
   74431:	vmovups %ymm0,0xe0(%rax)
   74439:	vmovups 0xc0(%r12),%ymm0
   74443:	vmovups %ymm0,0xc0(%rax)
   7444b:	vmovups 0xa0(%r12),%ymm0
   74455:	vmovups %ymm0,0xa0(%rax)
   7445d:	vmovups 0x80(%r12),%ymm0
   74467:	vmovups %ymm0,0x80(%rax)
   7446f:	vmovups (%r12),%ymm0
   74475:	vmovups 0x20(%r12),%ymm1
   7447c:	vmovups 0x40(%r12),%ymm2
   74483:	vmovups 0x60(%r12),%ymm3
   7448a:	vmovups %ymm3,0x60(%rax)
   7448f:	vmovups %ymm2,0x40(%rax)
   74494:	vmovups %ymm1,0x20(%rax)
   74499:	vmovups %ymm0,(%rax)
   7449d:	mov    $0x100,%edi
   744a2:	vzeroupper
   744a5:	call   b620 <malloc@plt>
   744aa:	test   %rax,%rax
   744ad:	je     745e0 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x1e0>
   744b3:	vmovups (%r15),%ymm0
   744b8:	vmovups 0x20(%r15),%ymm1
   744be:	vmovups 0x40(%r15),%ymm2
   744c4:	vmovups 0x60(%r15),%ymm3
   744ca:	vmovups %ymm0,(%rax)
   744ce:	vmovups 0xe0(%r15),%ymm0
   744d7:	vmovups %ymm0,0xe0(%rax)
   744df:	vmovups 0xc0(%r15),%ymm0
   744e8:	vmovups %ymm0,0xc0(%rax)
   744f0:	vmovups 0xa0(%r15),%ymm0
   744f9:	vmovups %ymm0,0xa0(%rax)
   74501:	vmovups 0x80(%r15),%ymm0
   7450a:	vmovups %ymm0,0x80(%rax)
   74512:	vmovups %ymm3,0x60(%rax)
   74517:	vmovups %ymm2,0x40(%rax)
   7451c:	vmovups %ymm1,0x20(%rax)
   74521:	vmovups (%rax),%ymm0
   74525:	vxorps (%r14),%ymm0,%ymm0
   7452a:	vmovaps %ymm0,(%rbx)
   7452e:	vmovups 0x20(%rax),%ymm0
   74533:	vxorps 0x20(%r14),%ymm0,%ymm0
   74539:	vmovaps %ymm0,0x20(%rbx)
   7453e:	vmovups 0x40(%rax),%ymm0
   74543:	vxorps 0x40(%r14),%ymm0,%ymm0
   74549:	vmovaps %ymm0,0x40(%rbx)
   7454e:	vmovups 0x60(%rax),%ymm0
   74553:	vxorps 0x60(%r14),%ymm0,%ymm0
   74559:	vmovaps %ymm0,0x60(%rbx)
   7455e:	vmovups 0x80(%rax),%ymm0
   74566:	vxorps 0x80(%r14),%ymm0,%ymm0
   7456f:	vmovaps %ymm0,0x80(%rbx)
   74577:	vmovups 0xa0(%rax),%ymm0
   7457f:	vxorps 0xa0(%r14),%ymm0,%ymm0
   74588:	vmovaps %ymm0,0xa0(%rbx)
   74590:	vmovups 0xc0(%rax),%ymm0
   74598:	vxorps 0xc0(%r14),%ymm0,%ymm0
   745a1:	vmovaps %ymm0,0xc0(%rbx)
   745a9:	vmovups 0xe0(%rax),%ymm0
   745b1:	vxorps 0xe0(%r14),%ymm0,%ymm0
   745ba:	vmovaps %ymm0,0xe0(%rbx)
   745c2:	mov    %rax,%rdi
   745c5:	vzeroupper
   745c8:	call   b580 <free@plt>
   745cd:	mov    %r14,%rdi
   745d0:	add    $0x8,%rsp
   745d4:	pop    %rbx
   745d5:	pop    %r12
   745d7:	pop    %r14
   745d9:	pop    %r15
   745db:	jmp    b580 <free@plt>
   745e0:	call   b2b0 <abort@plt>
