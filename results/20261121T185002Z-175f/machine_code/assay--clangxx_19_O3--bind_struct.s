# function: assay::clangxx_19_O3::bind_struct
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O311bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O3/call/struct
0000000000078140 <assay::clangxx_19_O3::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   78140:	vmovaps (%rsi),%ymm0
   78144:	vmovaps 0x20(%rsi),%ymm1
   78149:	vmovaps 0x40(%rsi),%ymm2
   7814e:	vmovaps 0x60(%rsi),%ymm3
   78153:	vmovaps 0x80(%rsi),%ymm4
   7815b:	vmovaps 0xa0(%rsi),%ymm5
   78163:	vmovaps 0xc0(%rsi),%ymm6
   7816b:	vmovaps 0xe0(%rsi),%ymm7
   78173:	vxorps (%rdi),%ymm0,%ymm0
   78177:	vxorps 0x20(%rdi),%ymm1,%ymm1
   7817c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   78181:	vxorps 0x60(%rdi),%ymm3,%ymm3
   78186:	vxorps 0x80(%rdi),%ymm4,%ymm4
   7818e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   78196:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   7819e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   781a6:	vmovaps %ymm0,(%rdx)
   781aa:	vmovaps %ymm1,0x20(%rdx)
   781af:	vmovaps %ymm2,0x40(%rdx)
   781b4:	vmovaps %ymm3,0x60(%rdx)
   781b9:	vmovaps %ymm4,0x80(%rdx)
   781c1:	vmovaps %ymm5,0xa0(%rdx)
   781c9:	vmovaps %ymm6,0xc0(%rdx)
   781d1:	vmovaps %ymm7,0xe0(%rdx)
   781d9:	vzeroupper
   781dc:	ret
