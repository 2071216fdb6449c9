# function: assay::clangxx_19_O3::bind_struct
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O311bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O3/call/struct
0000000000071a00 <assay::clangxx_19_O3::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   71a00:	vmovaps (%rsi),%ymm0
   71a04:	vmovaps 0x20(%rsi),%ymm1
   71a09:	vmovaps 0x40(%rsi),%ymm2
   71a0e:	vmovaps 0x60(%rsi),%ymm3
   71a13:	vmovaps 0x80(%rsi),%ymm4
   71a1b:	vmovaps 0xa0(%rsi),%ymm5
   71a23:	vmovaps 0xc0(%rsi),%ymm6
   71a2b:	vmovaps 0xe0(%rsi),%ymm7
   71a33:	vxorps (%rdi),%ymm0,%ymm0
   71a37:	vxorps 0x20(%rdi),%ymm1,%ymm1
   71a3c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   71a41:	vxorps 0x60(%rdi),%ymm3,%ymm3
   71a46:	vxorps 0x80(%rdi),%ymm4,%ymm4
   71a4e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   71a56:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   71a5e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   71a66:	vmovaps %ymm0,(%rdx)
   71a6a:	vmovaps %ymm1,0x20(%rdx)
   71a6f:	vmovaps %ymm2,0x40(%rdx)
   71a74:	vmovaps %ymm3,0x60(%rdx)
   71a79:	vmovaps %ymm4,0x80(%rdx)
   71a81:	vmovaps %ymm5,0xa0(%rdx)
   71a89:	vmovaps %ymm6,0xc0(%rdx)
   71a91:	vmovaps %ymm7,0xe0(%rdx)
   71a99:	vzeroupper
   71a9c:	ret
