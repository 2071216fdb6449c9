# function: assay::clangxx_19_O2::bind_malloc
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_mallocERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/malloc
0000000000075700 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   75700:	push   %r15
   75702:	push   %r14
   75704:	push   %r12
   75706:	push   %rbx
   75707:	push   %rax
   75708:	mov    %rdx,%rbx
   7570b:	mov    %rsi,%r15
   7570e:	mov    %rdi,%r12
   75711:	mov    $0x100,%edi
   75716:	call   b620 <malloc@plt>
   7571b:	test   %rax,%rax
   7571e:	je     758e0 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x1e0>
   75724:	mov    %rax,%r14
   75727:	vmovups 0xe0(%r12),%ymm0
   75731:	vmovups %ymm0,0xe0(%rax)
   75739:	vmovups 0xc0(%r12),%ymm0
   75743:	vmovups %ymm0,0xc0(%rax)
   7574b:	vmovups 0xa0(%r12),%ymm0
   75755:	vmovups %ymm0,0xa0(%rax)
   7575d:	vmovups 0x80(%r12),%ymm0
   75767:	vmovups %ymm0,0x80(%rax)
   7576f:	vmovups (%r12),%ymm0
   75775:	vmovups 0x20(%r12),%ymm1
   7577c:	vmovups 0x40(%r12),%ymm2
   75783:	vmovups 0x60(%r12),%ymm3
   7578a:	vmovups %ymm3,0x60(%rax)
   7578f:	vmovups %ymm2,0x40(%rax)
   75794:	vmovups %ymm1,0x20(%rax)
   75799:	vmovups %ymm0,(%rax)
   7579d:	mov    $0x100,%edi
   757a2:	vzeroupper
   757a5:	call   b620 <malloc@plt>
   757aa:	test   %rax,%rax
   757ad:	je     758e0 <assay::clangxx_19_O2::bind_malloc(assay::HV16 const&, assay::HV16 const&, assay::HV16&)+0x1e0>
   757b3:	vmovups (%r15),%ymm0
   757b8:	vmovups 0x20(%r15),%ymm1
   757be:	vmovups 0x40(%r15),%ymm2
   757c4:	vmovups 0x60(%r15),%ymm3
   757ca:	vmovups %ymm0,(%rax)
   757ce:	vmovups 0xe0(%r15),%ymm0
   757d7:	vmovups %ymm0,0xe0(%rax)
   757df:	vmovups 0xc0(%r15),%ymm0
   757e8:	vmovups %ymm0,0xc0(%rax)
   757f0:	vmovups 0xa0(%r15),%ymm0
   757f9:	vmovups %ymm0,0xa0(%rax)
   75801:	vmovups 0x80(%r15),%ymm0
   7580a:	vmovups %ymm0,0x80(%rax)
   75812:	vmovups %ymm3,0x60(%rax)
   75817:	vmovups %ymm2,0x40(%rax)
   7581c:	vmovups %ymm1,0x20(%rax)
   75821:	vmovups (%rax),%ymm0
   75825:	vxorps (%r14),%ymm0,%ymm0
   7582a:	vmovaps %ymm0,(%rbx)
   7582e:	vmovups 0x20(%rax),%ymm0
   75833:	vxorps 0x20(%r14),%ymm0,%ymm0
   75839:	vmovaps %ymm0,0x20(%rbx)
   7583e:	vmovups 0x40(%rax),%ymm0
   75843:	vxorps 0x40(%r14),%ymm0,%ymm0
   75849:	vmovaps %ymm0,0x40(%rbx)
   7584e:	vmovups 0x60(%rax),%ymm0
   75853:	vxorps 0x60(%r14),%ymm0,%ymm0
   75859:	vmovaps %ymm0,0x60(%rbx)
   7585e:	vmovups 0x80(%rax),%ymm0
   75866:	vxorps 0x80(%r14),%ymm0,%ymm0
   7586f:	vmovaps %ymm0,0x80(%rbx)
   75877:	vmovups 0xa0(%rax),%ymm0
   7587f:	vxorps 0xa0(%r14),%ymm0,%ymm0
   75888:	vmovaps %ymm0,0xa0(%rbx)
   75890:	vmovups 0xc0(%rax),%ymm0
   75898:	vxorps 0xc0(%r14),%ymm0,%ymm0
   758a1:	vmovaps %ymm0,0xc0(%rbx)
   758a9:	vmovups 0xe0(%rax),%ymm0
   758b1:	vxorps 0xe0(%r14),%ymm0,%ymm0
   758ba:	vmovaps %ymm0,0xe0(%rbx)
   758c2:	mov    %rax,%rdi
   758c5:	vzeroupper
   758c8:	call   b580 <free@plt>
   758cd:	mov    %r14,%rdi
   758d0:	add    $0x8,%rsp
   758d4:	pop    %rbx
   758d5:	pop    %r12
   758d7:	pop    %r14
   758d9:	pop    %r15
   758db:	jmp    b580 <free@plt>
   758e0:	call   b2b0 <abort@plt>
