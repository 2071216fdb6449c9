# function: assay::clangxx_19_O2::bind_struct
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/struct
000000000006cf00 <assay::clangxx_19_O2::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   6cf00:	vmovaps (%rsi),%ymm0
   6cf04:	vmovaps 0x20(%rsi),%ymm1
   6cf09:	vmovaps 0x40(%rsi),%ymm2
   6cf0e:	vmovaps 0x60(%rsi),%ymm3
   6cf13:	vmovaps 0x80(%rsi),%ymm4
   6cf1b:	vmovaps 0xa0(%rsi),%ymm5
   6cf23:	vmovaps 0xc0(%rsi),%ymm6
   6cf2b:	vmovaps 0xe0(%rsi),%ymm7
   6cf33:	vxorps (%rdi),%ymm0,%ymm0
   6cf37:	vxorps 0x20(%rdi),%ymm1,%ymm1
   6cf3c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   6cf41:	vxorps 0x60(%rdi),%ymm3,%ymm3
   6cf46:	vxorps 0x80(%rdi),%ymm4,%ymm4
   6cf4e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   6cf56:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   6cf5e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   6cf66:	vmovaps %ymm0,(%rdx)
   6cf6a:	vmovaps %ymm1,0x20(%rdx)
   6cf6f:	vmovaps %ymm2,0x40(%rdx)
   6cf74:	vmovaps %ymm3,0x60(%rdx)
   6cf79:	vmovaps %ymm4,0x80(%rdx)
   6cf81:	vmovaps %ymm5,0xa0(%rdx)
   6cf89:	vmovaps %ymm6,0xc0(%rdx)
   6cf91:	vmovaps %ymm7,0xe0(%rdx)
   6cf99:	vzeroupper
   6cf9c:	ret
