# function: assay::clangxx_19_O2::bind_struct
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/struct
0000000000074700 <assay::clangxx_19_O2::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   74700:	vmovaps (%rsi),%ymm0
   74704:	vmovaps 0x20(%rsi),%ymm1
   74709:	vmovaps 0x40(%rsi),%ymm2
   7470e:	vmovaps 0x60(%rsi),%ymm3
   74713:	vmovaps 0x80(%rsi),%ymm4
   7471b:	vmovaps 0xa0(%rsi),%ymm5
   74723:	vmovaps 0xc0(%rsi),%ymm6
   7472b:	vmovaps 0xe0(%rsi),%ymm7
   74733:	vxorps (%rdi),%ymm0,%ymm0
   74737:	vxorps 0x20(%rdi),%ymm1,%ymm1
   7473c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   74741:	vxorps 0x60(%rdi),%ymm3,%ymm3
   74746:	vxorps 0x80(%rdi),%ymm4,%ymm4
   7474e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   74756:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   7475e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   74766:	vmovaps %ymm0,(%rdx)
   7476a:	vmovaps %ymm1,0x20(%rdx)
   7476f:	vmovaps %ymm2,0x40(%rdx)
   74774:	vmovaps %ymm3,0x60(%rdx)
   74779:	vmovaps %ymm4,0x80(%rdx)
   74781:	vmovaps %ymm5,0xa0(%rdx)
   74789:	vmovaps %ymm6,0xc0(%rdx)
   74791:	vmovaps %ymm7,0xe0(%rdx)
   74799:	vzeroupper
   7479c:	ret
