#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernels/hypervector/cpu.hpp"

// The probes themselves. A probe is one asm statement, so that no compiler can leave out, reorder
// or improve what it does, and inline, so that it is measured without a call. `bytes` is a multiple
// of 256 and more than 0; memory is aligned to 64 bytes.
//
// Constants are made inside the statement by instructions that wait for nothing. None saves or
// clears the upper halves of registers: call end_vectors() after the last.

namespace assay {

/// Where a reading probe leaves its registers for a test, which thus sees that every byte was read.
struct alignas(64) Kept {
  std::array<std::uint64_t, 64> words{};
};

[[gnu::always_inline]] inline void end_vectors(CpuFeatures needs) {
  if (needs.has(CpuFeature::kAvx2) || needs.has(CpuFeature::kAvx512)) {
    asm volatile("vzeroupper" : : : "memory");
  }
}

// The assembler repeats a line for i = 0 to 3, 7, 15 (g++ 12 takes no computed string as asm).
#define ASSAY_4(line) ".irp i,0,1,2,3\n\t" line "\n\t.endr\n\t"
#define ASSAY_8(line) ".irp i,0,1,2,3,4,5,6,7\n\t" line "\n\t.endr\n\t"
#define ASSAY_16(line) ".irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t" line "\n\t.endr\n\t"
#define ASSAY_VECTORS                                                                      \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
      "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory"
// 256 bytes an iteration, from `at` to `end`.
#define ASSAY_UP_TO_END(body) "1:\n\t" body "add $256, %[at]\n\tcmp %[end], %[at]\n\tjne 1b\n\t"
// 256 bytes an iteration of each array, by one index that ends at 0.
#define ASSAY_INDEXED(body) "1:\n\t" body "add $256, %[i]\n\tjne 1b\n\t"

// Reading probes. Each XORs (population counts: adds) what it reads into its registers, as part of
// the reading instruction or beside it on a port of its own. run<true> first clears the registers,
// and leaves them in `kept`: their XOR (sum) word by word is that of all words read.

struct LoadAvx2 {
  static constexpr std::string_view kName = "avx2";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  template <bool kKeep>
  [[gnu::always_inline]] static void run(const std::byte* at, std::size_t bytes, Kept* kept) {
#define ASSAY_LOOP ASSAY_UP_TO_END(ASSAY_8("vpxor \\i*32(%[at]), %%ymm\\i, %%ymm\\i"))
    const std::byte* const end = at + bytes;
    if constexpr (kKeep) {
      asm volatile(ASSAY_8("vpxor %%xmm\\i, %%xmm\\i, %%xmm\\i")
                       ASSAY_LOOP ASSAY_8("vmovdqu %%ymm\\i, \\i*32(%[kept])")
                   : [at] "+r"(at)
                   : [end] "r"(end), [kept] "r"(kept)
                   : ASSAY_VECTORS);
    } else {
      asm volatile(ASSAY_LOOP : [at] "+r"(at) : [end] "r"(end) : ASSAY_VECTORS);
    }
#undef ASSAY_LOOP
  }
};

struct LoadAvx512 {
  static constexpr std::string_view kName = "avx512";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  template <bool kKeep>
  [[gnu::always_inline]] static void run(const std::byte* at, std::size_t bytes, Kept* kept) {
#define ASSAY_LOOP ASSAY_UP_TO_END(ASSAY_4("vpxorq \\i*64(%[at]), %%zmm\\i, %%zmm\\i"))
    const std::byte* const end = at + bytes;
    if constexpr (kKeep) {
      asm volatile(ASSAY_4("vpxor %%xmm\\i, %%xmm\\i, %%xmm\\i")
                       ASSAY_LOOP ASSAY_4("vmovdqu64 %%zmm\\i, \\i*64(%[kept])")
                   : [at] "+r"(at)
                   : [end] "r"(end), [kept] "r"(kept)
                   : ASSAY_VECTORS);
    } else {
      asm volatile(ASSAY_LOOP : [at] "+r"(at) : [end] "r"(end) : ASSAY_VECTORS);
    }
#undef ASSAY_LOOP
  }
};

/// Four streams side by side, a line of each at a time: more pages and prefetchers at once.
struct LoadAvx2Streams {
  static constexpr std::string_view kName = "avx2/streams";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  template <bool kKeep>
  [[gnu::always_inline]] static void run(const std::byte* at, std::size_t bytes, Kept* kept) {
#define ASSAY_LOOP                                   \
  "1:\n\t"                                           \
  "vpxor (%[at]), %%ymm0, %%ymm0\n\t"                \
  "vpxor 32(%[at]), %%ymm1, %%ymm1\n\t"              \
  "vpxor (%[at],%[quarter]), %%ymm2, %%ymm2\n\t"     \
  "vpxor 32(%[at],%[quarter]), %%ymm3, %%ymm3\n\t"   \
  "vpxor (%[at],%[quarter],2), %%ymm4, %%ymm4\n\t"   \
  "vpxor 32(%[at],%[quarter],2), %%ymm5, %%ymm5\n\t" \
  "vpxor (%[at],%[three]), %%ymm6, %%ymm6\n\t"       \
  "vpxor 32(%[at],%[three]), %%ymm7, %%ymm7\n\t"     \
  "add $64, %[at]\n\tcmp %[end], %[at]\n\tjne 1b\n\t"
    const std::size_t quarter = bytes / 4;
    const std::byte* const end = at + quarter;
    if constexpr (kKeep) {
      asm volatile(
          ASSAY_8("vpxor %%xmm\\i, %%xmm\\i, %%xmm\\i")
              ASSAY_LOOP ASSAY_8("vmovdqu %%ymm\\i, \\i*32(%[kept])")
          : [at] "+r"(at)
          : [end] "r"(end), [quarter] "r"(quarter), [three] "r"(3 * quarter), [kept] "r"(kept)
          : ASSAY_VECTORS);
    } else {
      asm volatile(ASSAY_LOOP
                   : [at] "+r"(at)
                   : [end] "r"(end), [quarter] "r"(quarter), [three] "r"(3 * quarter)
                   : ASSAY_VECTORS);
    }
#undef ASSAY_LOOP
  }
};

// Two pages ahead of the reader, past the page at which hardware prefetchers stop.
struct LoadAvx512Prefetch {
  static constexpr std::string_view kName = "avx512/prefetch";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  template <bool kKeep>
  [[gnu::always_inline]] static void run(const std::byte* at, std::size_t bytes, Kept* kept) {
#define ASSAY_LOOP                                         \
  ASSAY_UP_TO_END(ASSAY_4("prefetcht0 8192+\\i*64(%[at])") \
                      ASSAY_4("vpxorq \\i*64(%[at]), %%zmm\\i, %%zmm\\i"))
    const std::byte* const end = at + bytes;
    if constexpr (kKeep) {
      asm volatile(ASSAY_4("vpxor %%xmm\\i, %%xmm\\i, %%xmm\\i")
                       ASSAY_LOOP ASSAY_4("vmovdqu64 %%zmm\\i, \\i*64(%[kept])")
                   : [at] "+r"(at)
                   : [end] "r"(end), [kept] "r"(kept)
                   : ASSAY_VECTORS);
    } else {
      asm volatile(ASSAY_LOOP : [at] "+r"(at) : [end] "r"(end) : ASSAY_VECTORS);
    }
#undef ASSAY_LOOP
  }
};

/// POPCNT from memory; with fewer sums, the additions would be one chain that binds.
struct PopcountScalar {
  static constexpr std::string_view kName = "popcnt";
  static constexpr CpuFeatures kNeeds{CpuFeature::kPopcnt};
  template <bool kKeep>
  [[gnu::always_inline]] static void run(const std::byte* at, std::size_t bytes, Kept* kept) {
    const std::byte* const end = at + bytes;
    std::uint64_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0, count0, count1, count2, count3;
    asm volatile(
        ASSAY_UP_TO_END(ASSAY_8("popcnt \\i*32(%[at]), %[count0]\n\t"
                                "popcnt \\i*32+8(%[at]), %[count1]\n\t"
                                "popcnt \\i*32+16(%[at]), %[count2]\n\t"
                                "popcnt \\i*32+24(%[at]), %[count3]\n\t"
                                "add %[count0], %[sum0]\n\t"
                                "add %[count1], %[sum1]\n\t"
                                "add %[count2], %[sum2]\n\t"
                                "add %[count3], %[sum3]"))
        : [at] "+r"(at), [sum0] "+r"(sum0), [sum1] "+r"(sum1), [sum2] "+r"(sum2), [sum3] "+r"(sum3),
          [count0] "=&r"(count0), [count1] "=&r"(count1), [count2] "=&r"(count2),
          [count3] "=&r"(count3)
        : [end] "r"(end)
        : "cc", "memory");
    if constexpr (kKeep) {
      kept->words[0] = sum0;
      kept->words[1] = sum1;
      kept->words[2] = sum2;
      kept->words[3] = sum3;
    }
  }
};

/// Two lookups of a nibble each (Mula, Kurz and Lemire 2018), summed by VPSADBW every 256 bytes.
struct PopcountAvx2 {
  static constexpr std::string_view kName = "avx2";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  template <bool kKeep>
  [[gnu::always_inline]] static void run(const std::byte* at, std::size_t bytes, Kept* kept) {
    struct alignas(32) Constants {
      std::array<std::uint8_t, 32> counts, low_nibble;
    };
    static constexpr Constants kConstants{
        {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4},
        {15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
         15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15}};
    const std::byte* const end = at + bytes;
    Kept unread;
    asm volatile("vmovdqu (%[constants]), %%ymm15\n\t"
                 "vmovdqu 32(%[constants]), %%ymm14\n\t"
                 "vpxor %%xmm13, %%xmm13, %%xmm13\n\t"
                 "vpxor %%xmm12, %%xmm12, %%xmm12\n\t" ASSAY_UP_TO_END(
                     "vpxor %%xmm10, %%xmm10, %%xmm10\n\t"
                     "vpxor %%xmm11, %%xmm11, %%xmm11\n\t" ASSAY_8(
                         "vmovdqu \\i*32(%[at]), %%ymm\\i\n\t"
                         "vpand %%ymm14, %%ymm\\i, %%ymm8\n\t"
                         "vpsrlw $4, %%ymm\\i, %%ymm9\n\t"
                         "vpand %%ymm14, %%ymm9, %%ymm9\n\t"
                         "vpshufb %%ymm8, %%ymm15, %%ymm8\n\t"
                         "vpshufb %%ymm9, %%ymm15, %%ymm9\n\t"
                         "vpaddb %%ymm8, %%ymm10, %%ymm10\n\t"
                         "vpaddb %%ymm9, %%ymm11, %%ymm11")
                     "vpaddb %%ymm10, %%ymm11, %%ymm10\n\t"
                     "vpsadbw %%ymm13, %%ymm10, %%ymm10\n\t"
                     "vpaddq %%ymm10, %%ymm12, %%ymm12\n\t")
                 "vmovdqu %%ymm12, (%[kept])\n\t"
                 : [at] "+r"(at)
                 : [end] "r"(end), [constants] "r"(&kConstants), [kept] "r"(kKeep ? kept : &unread)
                 : ASSAY_VECTORS);
  }
};

struct PopcountAvx512 {
  static constexpr std::string_view kName = "avx512";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512, CpuFeature::kVpopcntdq};
  template <bool kKeep>
  [[gnu::always_inline]] static void run(const std::byte* at, std::size_t bytes, Kept* kept) {
    const std::byte* const end = at + bytes;
    Kept unread;
    asm volatile(ASSAY_4("vpxor %%xmm\\i, %%xmm\\i, %%xmm\\i")
                     ASSAY_UP_TO_END(ASSAY_4("vpopcntq \\i*64(%[at]), %%zmm4\n\t"
                                             "vpaddq %%zmm4, %%zmm\\i, %%zmm\\i"))
                         ASSAY_4("vmovdqu64 %%zmm\\i, \\i*64(%[kept])")
                 : [at] "+r"(at)
                 : [end] "r"(end), [kept] "r"(kKeep ? kept : &unread)
                 : ASSAY_VECTORS);
  }
};

// Storing probes: every bit is set.

struct StoreSse2 {
  static constexpr std::string_view kName = "sse2";
  static constexpr CpuFeatures kNeeds{};
  [[gnu::always_inline]] static void run(std::byte* at, std::size_t bytes) {
    const std::byte* const end = at + bytes;
    asm volatile(
        "pcmpeqd %%xmm0, %%xmm0\n\t" ASSAY_UP_TO_END(ASSAY_16("movdqu %%xmm0, \\i*16(%[at])"))
        : [at] "+r"(at)
        : [end] "r"(end)
        : ASSAY_VECTORS);
  }
};

struct StoreAvx2 {
  static constexpr std::string_view kName = "avx2";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  [[gnu::always_inline]] static void run(std::byte* at, std::size_t bytes) {
    const std::byte* const end = at + bytes;
    asm volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0\n\t" ASSAY_UP_TO_END(
                     ASSAY_8("vmovdqu %%ymm0, \\i*32(%[at])"))
                 : [at] "+r"(at)
                 : [end] "r"(end)
                 : ASSAY_VECTORS);
  }
};

struct StoreAvx512 {
  static constexpr std::string_view kName = "avx512";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  [[gnu::always_inline]] static void run(std::byte* at, std::size_t bytes) {
    const std::byte* const end = at + bytes;
    asm volatile("vpternlogd $255, %%zmm0, %%zmm0, %%zmm0\n\t" ASSAY_UP_TO_END(
                     ASSAY_4("vmovdqu64 %%zmm0, \\i*64(%[at])"))
                 : [at] "+r"(at)
                 : [end] "r"(end)
                 : ASSAY_VECTORS);
  }
};

struct StoreAvx2Nt {
  static constexpr std::string_view kName = "avx2/nt";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  [[gnu::always_inline]] static void run(std::byte* at, std::size_t bytes) {
    const std::byte* const end = at + bytes;
    asm volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0\n\t" ASSAY_UP_TO_END(
                     ASSAY_8("vmovntdq %%ymm0, \\i*32(%[at])")) "sfence\n\t"
                 : [at] "+r"(at)
                 : [end] "r"(end)
                 : ASSAY_VECTORS);
  }
};

struct StoreAvx512Nt {
  static constexpr std::string_view kName = "avx512/nt";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  [[gnu::always_inline]] static void run(std::byte* at, std::size_t bytes) {
    const std::byte* const end = at + bytes;
    asm volatile("vpternlogd $255, %%zmm0, %%zmm0, %%zmm0\n\t" ASSAY_UP_TO_END(
                     ASSAY_4("vmovntdq %%zmm0, \\i*64(%[at])")) "sfence\n\t"
                 : [at] "+r"(at)
                 : [end] "r"(end)
                 : ASSAY_VECTORS);
  }
};

struct StoreString {
  static constexpr std::string_view kName = "rep-stosb";
  static constexpr CpuFeatures kNeeds{};
  [[gnu::always_inline]] static void run(std::byte* at, std::size_t bytes) {
    asm volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(0xff) : "memory");
  }
};

// Copying probes.

struct CopyAvx2 {
  static constexpr std::string_view kName = "avx2";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  [[gnu::always_inline]] static void run(const std::byte* from, std::byte* to, std::size_t bytes) {
    std::size_t i = -bytes;
    asm volatile(ASSAY_INDEXED(ASSAY_8("vmovdqu \\i*32(%[from],%[i]), %%ymm\\i")
                                   ASSAY_8("vmovdqu %%ymm\\i, \\i*32(%[to],%[i])"))
                 : [i] "+r"(i)
                 : [from] "r"(from + bytes), [to] "r"(to + bytes)
                 : ASSAY_VECTORS);
  }
};

struct CopyAvx512 {
  static constexpr std::string_view kName = "avx512";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  [[gnu::always_inline]] static void run(const std::byte* from, std::byte* to, std::size_t bytes) {
    std::size_t i = -bytes;
    asm volatile(ASSAY_INDEXED(ASSAY_4("vmovdqu64 \\i*64(%[from],%[i]), %%zmm\\i")
                                   ASSAY_4("vmovdqu64 %%zmm\\i, \\i*64(%[to],%[i])"))
                 : [i] "+r"(i)
                 : [from] "r"(from + bytes), [to] "r"(to + bytes)
                 : ASSAY_VECTORS);
  }
};

struct CopyAvx2Nt {
  static constexpr std::string_view kName = "avx2/nt";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  [[gnu::always_inline]] static void run(const std::byte* from, std::byte* to, std::size_t bytes) {
    std::size_t i = -bytes;
    asm volatile(ASSAY_INDEXED(ASSAY_8("vmovdqu \\i*32(%[from],%[i]), %%ymm\\i")
                                   ASSAY_8("vmovntdq %%ymm\\i, \\i*32(%[to],%[i])")) "sfence\n\t"
                 : [i] "+r"(i)
                 : [from] "r"(from + bytes), [to] "r"(to + bytes)
                 : ASSAY_VECTORS);
  }
};

struct CopyString {
  static constexpr std::string_view kName = "rep-movsb";
  static constexpr CpuFeatures kNeeds{};
  [[gnu::always_inline]] static void run(const std::byte* from, std::byte* to, std::size_t bytes) {
    asm volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(bytes) : : "memory");
  }
};

// XOR probes: to = a ^ b. Each array has a pointer of its own: with an index, the third address of
// a cycle costs a cycle in nine on Zen 4. run<true> is for 256 bytes and has no loop of its own.

#define ASSAY_XOR(body, after)                                                         \
  if constexpr (kOnce) {                                                               \
    asm volatile(body after : : [a] "r"(a), [b] "r"(b), [to] "r"(to) : ASSAY_VECTORS); \
  } else {                                                                             \
    const std::byte* const end = to + bytes;                                           \
    asm volatile("1:\n\t" body                                                         \
                 "add $256, %[a]\n\tadd $256, %[b]\n\tadd $256, %[to]\n\t"             \
                 "cmp %[end], %[to]\n\tjne 1b\n\t" after                               \
                 : [a] "+r"(a), [b] "+r"(b), [to] "+r"(to)                             \
                 : [end] "r"(end)                                                      \
                 : ASSAY_VECTORS);                                                     \
  }

struct XorAvx2 {
  static constexpr std::string_view kName = "avx2";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  template <bool kOnce>
  [[gnu::always_inline]] static void run(const std::byte* a, const std::byte* b, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    ASSAY_XOR(ASSAY_8("vmovdqu \\i*32(%[a]), %%ymm\\i\n\t"
                      "vpxor \\i*32(%[b]), %%ymm\\i, %%ymm\\i\n\t"
                      "vmovdqu %%ymm\\i, \\i*32(%[to])"),
              "");
  }
};

struct XorAvx512 {
  static constexpr std::string_view kName = "avx512";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  template <bool kOnce>
  [[gnu::always_inline]] static void run(const std::byte* a, const std::byte* b, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    ASSAY_XOR(ASSAY_4("vmovdqu64 \\i*64(%[a]), %%zmm\\i\n\t"
                      "vpxorq \\i*64(%[b]), %%zmm\\i, %%zmm\\i\n\t"
                      "vmovdqu64 %%zmm\\i, \\i*64(%[to])"),
              "");
  }
};

/// Reads whole lines and writes halves: one store port of 32 bytes splits no store.
struct XorAvx512Halves {
  static constexpr std::string_view kName = "avx512/halves";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  template <bool kOnce>
  [[gnu::always_inline]] static void run(const std::byte* a, const std::byte* b, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    ASSAY_XOR(ASSAY_4("vmovdqu64 \\i*64(%[a]), %%zmm\\i\n\t"
                      "vpxorq \\i*64(%[b]), %%zmm\\i, %%zmm\\i\n\t"
                      "vmovdqu %%ymm\\i, \\i*64(%[to])\n\t"
                      "vextracti64x4 $1, %%zmm\\i, \\i*64+32(%[to])"),
              "");
  }
};

/// All reads of 256 bytes before the writes: DRAM turns round less often.
struct XorAvx2Grouped {
  static constexpr std::string_view kName = "avx2/grouped";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  template <bool kOnce>
  [[gnu::always_inline]] static void run(const std::byte* a, const std::byte* b, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    ASSAY_XOR(ASSAY_8("vmovdqu \\i*32(%[a]), %%ymm\\i")
                  ASSAY_8("vpxor \\i*32(%[b]), %%ymm\\i, %%ymm\\i")
                      ASSAY_8("vmovdqu %%ymm\\i, \\i*32(%[to])"),
              "");
  }
};

struct XorAvx2Nt {
  static constexpr std::string_view kName = "avx2/nt";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  template <bool kOnce>
  [[gnu::always_inline]] static void run(const std::byte* a, const std::byte* b, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    ASSAY_XOR(ASSAY_8("vmovdqu \\i*32(%[a]), %%ymm\\i\n\t"
                      "vpxor \\i*32(%[b]), %%ymm\\i, %%ymm\\i\n\t"
                      "vmovntdq %%ymm\\i, \\i*32(%[to])"),
              "sfence");
  }
};

struct XorAvx2NtGrouped {
  static constexpr std::string_view kName = "avx2/nt-grouped";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  template <bool kOnce>
  [[gnu::always_inline]] static void run(const std::byte* a, const std::byte* b, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    ASSAY_XOR(ASSAY_8("vmovdqu \\i*32(%[a]), %%ymm\\i")
                  ASSAY_8("vpxor \\i*32(%[b]), %%ymm\\i, %%ymm\\i")
                      ASSAY_8("vmovntdq %%ymm\\i, \\i*32(%[to])"),
              "sfence");
  }
};

struct XorAvx512Nt {
  static constexpr std::string_view kName = "avx512/nt";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  template <bool kOnce>
  [[gnu::always_inline]] static void run(const std::byte* a, const std::byte* b, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    ASSAY_XOR(ASSAY_4("vmovdqu64 \\i*64(%[a]), %%zmm\\i\n\t"
                      "vpxorq \\i*64(%[b]), %%zmm\\i, %%zmm\\i\n\t"
                      "vmovntdq %%zmm\\i, \\i*64(%[to])"),
              "sfence");
  }
};

#undef ASSAY_XOR

// Issue probes: independent full adders on registers, eight an iteration. An adder takes three
// vectors of one weight to their sum and their carry; `bytes` are those of one of the three, a
// multiple of 512.

#define ASSAY_ADDERS(step, adder)                                               \
  asm volatile("1:\n\t" ASSAY_8(adder) "sub $8*" step ", %[left]\n\tjne 1b\n\t" \
               : [left] "+r"(bytes)                                             \
               :                                                                \
               : ASSAY_VECTORS)

/// Five instructions of two operands, on 32 bytes.
struct AddersAvx2 {
  static constexpr std::string_view kName = "avx2";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  [[gnu::always_inline]] static void run(std::size_t bytes) {
    ASSAY_ADDERS("32",
                 "vpxor %%ymm15, %%ymm\\i, %%ymm14\n\tvpand %%ymm15, %%ymm\\i, %%ymm13\n\t"
                 "vpand %%ymm14, %%ymm12, %%ymm11\n\tvpxor %%ymm14, %%ymm12, %%ymm10\n\t"
                 "vpor %%ymm13, %%ymm11, %%ymm9");
  }
};

/// Three instructions, the carry's of three operands, on 64 bytes.
struct AddersAvx512 {
  static constexpr std::string_view kName = "avx512";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  [[gnu::always_inline]] static void run(std::size_t bytes) {
    ASSAY_ADDERS("64",
                 "vpxorq %%zmm1\\i, %%zmm2\\i, %%zmm9\n\t"
                 "vpternlogq $0xe8, %%zmm\\i, %%zmm1\\i, %%zmm2\\i\n\t"
                 "vpxorq %%zmm9, %%zmm\\i, %%zmm\\i");
  }
};

/// The same on 32 bytes.
struct AddersAvx512Ymm {
  static constexpr std::string_view kName = "avx512/ymm";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  [[gnu::always_inline]] static void run(std::size_t bytes) {
    ASSAY_ADDERS("32",
                 "vpxorq %%ymm1\\i, %%ymm2\\i, %%ymm9\n\t"
                 "vpternlogq $0xe8, %%ymm\\i, %%ymm1\\i, %%ymm2\\i\n\t"
                 "vpxorq %%ymm9, %%ymm\\i, %%ymm\\i");
  }
};

/// Two instructions of three operands, on 32 bytes. Both of 64 bytes are slower on Zen 4, which
/// then reads too few registers a cycle.
struct AddersAvx512Two {
  static constexpr std::string_view kName = "avx512/two";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  [[gnu::always_inline]] static void run(std::size_t bytes) {
    ASSAY_ADDERS("32",
                 "vpternlogq $0x96, %%ymm1\\i, %%ymm2\\i, %%ymm\\i\n\t"
                 "vpternlogq $0xd4, %%ymm\\i, %%ymm1\\i, %%ymm2\\i");
  }
};

#undef ASSAY_ADDERS

// Issue probes: so many simple instructions, none of which waits for another, from registers to
// registers. Whatever a kernel computes, its instructions cannot start faster than these. Each adds
// 1 to a register; run<true> first clears these, and leaves them in `kept`.

// 94 instructions a turn, and the loop's own beside them, which no vector unit runs.
#define ASSAY_ISSUE(add) \
  "1:\n\t"                    \
  ".rept 11\n\t" ASSAY_8(add) \
  ".endr\n\t"                 \
  ".irp i,0,1,2,3,4,5\n\t" add "\n\t.endr\n\t" \
  "sub $94, %[left]\n\tjne 1b\n\t"

/// Vector additions of 32 bytes; a multiple of 94.
struct IssueAvx2 {
  static constexpr std::string_view kName = "avx2";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  static constexpr double kWordsPerInstruction = 4;
  template <bool kKeep>
  [[gnu::always_inline]] static void run(std::size_t instructions, Kept* kept) {
#define ASSAY_LOOP ASSAY_ISSUE("vpsubq %%ymm15, %%ymm\\i, %%ymm\\i")
    if constexpr (kKeep) {
      asm volatile(
          "vpcmpeqd %%ymm15, %%ymm15, %%ymm15\n\t" ASSAY_8("vpxor %%xmm\\i, %%xmm\\i, %%xmm\\i")
              ASSAY_LOOP ASSAY_8("vmovdqu %%ymm\\i, \\i*32(%[kept])")
          : [left] "+r"(instructions)
          : [kept] "r"(kept)
          : ASSAY_VECTORS);
    } else {
      asm volatile(ASSAY_LOOP : [left] "+r"(instructions) : : ASSAY_VECTORS);
    }
#undef ASSAY_LOOP
  }
};

/// The same of 64 bytes.
struct IssueAvx512 {
  static constexpr std::string_view kName = "avx512";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512};
  static constexpr double kWordsPerInstruction = 8;
  template <bool kKeep>
  [[gnu::always_inline]] static void run(std::size_t instructions, Kept* kept) {
#define ASSAY_LOOP ASSAY_ISSUE("vpsubq %%zmm15, %%zmm\\i, %%zmm\\i")
    if constexpr (kKeep) {
      asm volatile("vpternlogd $255, %%zmm15, %%zmm15, %%zmm15\n\t" ASSAY_8(
                       "vpxor %%xmm\\i, %%xmm\\i, %%xmm\\i")
                       ASSAY_LOOP ASSAY_8("vmovdqu64 %%zmm\\i, \\i*64(%[kept])")
                   : [left] "+r"(instructions)
                   : [kept] "r"(kept)
                   : ASSAY_VECTORS);
    } else {
      asm volatile(ASSAY_LOOP : [left] "+r"(instructions) : : ASSAY_VECTORS);
    }
#undef ASSAY_LOOP
  }
};
#undef ASSAY_ISSUE

/// Two of the vector unit's for one of the integer unit's, as together they fill the widest issue:
/// 30 a turn with the loop's own two; a multiple of 30. Registers enough that none is due each
/// cycle.
struct IssueMixed {
  static constexpr std::string_view kName = "mixed";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  static constexpr double kWordsPerInstruction = 20 * 4 / 30.0;  ///< the vector unit's
  template <bool kKeep>
  [[gnu::always_inline]] static void run(std::size_t instructions, Kept* kept) {
#define ASSAY_VECTOR "vpsubq %%ymm15, %%ymm\\i, %%ymm\\i"
#define ASSAY_LOOP \
  "1:\n\t"                                                                                   \
  ".rept 2\n\t" ASSAY_8(ASSAY_VECTOR) "inc %[a]\n\tinc %[b]\n\tinc %[c]\n\tinc %[d]\n\t" \
  ".endr\n\t" ASSAY_4(ASSAY_VECTOR) "sub $30, %[left]\n\tjne 1b\n\t"
    std::uint64_t a = 0, b = 0, c = 0, d = 0;
    if constexpr (kKeep) {
      asm volatile(
          "vpcmpeqd %%ymm15, %%ymm15, %%ymm15\n\t" ASSAY_8("vpxor %%xmm\\i, %%xmm\\i, %%xmm\\i")
              ASSAY_LOOP ASSAY_8("vmovdqu %%ymm\\i, \\i*32(%[kept])")
          : [left] "+r"(instructions), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)
          : [kept] "r"(kept)
          : ASSAY_VECTORS);
      kept->words[63] = a + b + c + d;
    } else {
      asm volatile(ASSAY_LOOP
                   : [left] "+r"(instructions), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)
                   :
                   : ASSAY_VECTORS);
    }
#undef ASSAY_LOOP
#undef ASSAY_VECTOR
  }
};

/// What a rotation of 256 bytes by whole words and bits must issue in AVX-512: 5 loads (one vector
/// takes from both ends), 5 choices of 8 words out of 16, 4 funnel shifts and 4 stores; all
/// independent, from and to L1, and without the work that finds places and counts.
struct RotateAvx512 {
  static constexpr std::string_view kName = "avx512";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx512, CpuFeature::kVbmi2};
  [[gnu::always_inline]] static void run(const std::byte* from, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    asm volatile(
        "vmovdqu64 (%[from]), %%zmm8\n\t"
        "vpermq %%zmm8, %%zmm8, %%zmm0\n\t"
        ".irp i,1,2,3\n\tvmovdqu64 \\i*64(%[from]), %%zmm\\i\n\t.endr\n\t"
        "vporq 192(%[from]), %%zmm0, %%zmm0\n\t" ASSAY_4(
            "valignq $7, %%zmm\\i, %%zmm\\i, %%zmm9\n\t"
            "vpshldvq %%zmm15, %%zmm9, %%zmm\\i\n\t"
            "vmovdqu64 %%zmm\\i, \\i*64(%[to])")
        :
        : [from] "r"(from), [to] "r"(to)
        : ASSAY_VECTORS);
  }
};

/// The same in AVX2, which has no shift across words: two loads, a word apart, two shifts, one that
/// joins them and one store, for each of 8 vectors; as if none took from both ends.
struct RotateAvx2 {
  static constexpr std::string_view kName = "avx2";
  static constexpr CpuFeatures kNeeds{CpuFeature::kAvx2};
  [[gnu::always_inline]] static void run(const std::byte* from, std::byte* to,
                                         [[maybe_unused]] std::size_t bytes) {
    asm volatile(
        "vpxor %%xmm15, %%xmm15, %%xmm15\n\t"
        "vmovdqu (%[from]), %%ymm8\n\t"
        "vpsllq %%xmm15, %%ymm8, %%ymm9\n\t"
        "vpsrlq %%xmm15, %%ymm8, %%ymm8\n\t"
        "vpor %%ymm9, %%ymm8, %%ymm8\n\t"
        "vmovdqu %%ymm8, (%[to])\n\t"
        ".irp i,1,2,3,4,5,6,7\n\t"
        "vmovdqu \\i*32(%[from]), %%ymm\\i\n\t"
        "vmovdqu \\i*32-8(%[from]), %%ymm8\n\t"
        "vpsllq %%xmm15, %%ymm\\i, %%ymm\\i\n\t"
        "vpsrlq %%xmm15, %%ymm8, %%ymm8\n\t"
        "vpor %%ymm8, %%ymm\\i, %%ymm\\i\n\t"
        "vmovdqu %%ymm\\i, \\i*32(%[to])\n\t"
        ".endr\n\t"
        :
        : [from] "r"(from), [to] "r"(to)
        : ASSAY_VECTORS);
  }
};

}  // namespace assay
