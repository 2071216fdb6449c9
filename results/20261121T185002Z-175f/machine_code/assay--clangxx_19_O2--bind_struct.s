# function: assay::clangxx_19_O2::bind_struct
# instrument: bind
# symbol: _ZN5assay13clangxx_19_O211bind_structERKNS_4HV16ES3_RS1_
# benchmark: bind/copies/clang++-19-O2/call/struct
0000000000073400 <assay::clangxx_19_O2::bind_struct(assay::HV16 const&, assay::HV16 const&, assay::HV16&)>:
   73400:	vmovaps (%rsi),%ymm0
   73404:	vmovaps 0x20(%rsi),%ymm1
   73409:	vmovaps 0x40(%rsi),%ymm2
   7340e:	vmovaps 0x60(%rsi),%ymm3
   73413:	vmovaps 0x80(%rsi),%ymm4
   7341b:	vmovaps 0xa0(%rsi),%ymm5
   73423:	vmovaps 0xc0(%rsi),%ymm6
   7342b:	vmovaps 0xe0(%rsi),%ymm7
   73433:	vxorps (%rdi),%ymm0,%ymm0
   73437:	vxorps 0x20(%rdi),%ymm1,%ymm1
   7343c:	vxorps 0x40(%rdi),%ymm2,%ymm2
   73441:	vxorps 0x60(%rdi),%ymm3,%ymm3
   73446:	vxorps 0x80(%rdi),%ymm4,%ymm4
   7344e:	vxorps 0xa0(%rdi),%ymm5,%ymm5
   73456:	vxorps 0xc0(%rdi),%ymm6,%ymm6
   7345e:	vxorps 0xe0(%rdi),%ymm7,%ymm7
   73466:	vmovaps %ymm0,(%rdx)
   7346a:	vmovaps %ymm1,0x20(%rdx)
   7346f:	vmovaps %ymm2,0x40(%rdx)
   73474:	vmovaps %ymm3,0x60(%rdx)
   73479:	vmovaps %ymm4,0x80(%rdx)
   73481:	vmovaps %ymm5,0xa0(%rdx)
   73489:	vmovaps %ymm6,0xc0(%rdx)
   73491:	vmovaps %ymm7,0xe0(%rdx)
   73499:	vzeroupper
   7349c:	ret
