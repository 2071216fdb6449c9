/// A list is followed whose nodes were allocated in the order of the list: from an arena, from a
/// heap that nothing else used, or from one that was churned before. The last is in an executable
/// of its own (ASSAY_CHURNED), as it leaves the heap as no other would want it.
///
/// alloc/traverse/<arena|fresh-heap|churned-heap>/nodes:N    64 bytes a node

#include <map>

#include "benches/alloc/batch.hpp"
#include "benches/alloc/mapped_memory.hpp"

namespace assay {
namespace {

/// A line's worth: what stands at its ends is read, so that a node across two lines costs both.
struct Node {
  Node* next;
  std::array<std::uint64_t, 6> between;
  std::uint64_t value;
};
static_assert(sizeof(Node) == 64);

enum class Home { kArena, kFreshHeap, kChurnedHeap };

/// Fills the heap with three times as many objects as the list will have nodes, of 16 to 240 bytes,
/// and frees two thirds of them, at random: what a program leaves behind that has run for a while.
void churn_heap(std::size_t nodes) {
  std::mt19937_64 engine(3);
  std::pmr::vector<void*> objects(3 * nodes, nullptr, mapped_memory());
  for (void*& object : objects) object = std::malloc(16 + engine() % 225);
  std::ranges::shuffle(objects, engine);
  for (std::size_t i = 0; i < 2 * nodes; ++i) std::free(objects[i]);
}

/// The nodes live as long as the process: freeing them would mend the heap for the next size.
class List {
 public:
  List(Home home, std::size_t nodes)
      : arena_(home == Home::kArena ? nodes * sizeof(Node) : 0, Arena::Growth::kFixed) {
    if (home == Home::kChurnedHeap) churn_heap(nodes);
    Node** end = &first_;
    for (std::size_t i = 0; i < nodes; ++i) {
      void* const at = home == Home::kArena ? arena_.allocate(sizeof(Node), alignof(Node))
                                            : std::malloc(sizeof(Node));
      if (at == nullptr) throw std::bad_alloc();
      auto* const node = ::new (at) Node{nullptr, {}, i};
      *end = node;
      end = &node->next;
    }
  }
  const Node* first() const { return first_; }

 private:
  Arena arena_;
  Node* first_ = nullptr;
};

constexpr std::array<std::int64_t, 4> kNodes{256, 2048, 8192, 32768};

/// The lists of all sizes, the smallest first: which of them a run asks for first may not decide
/// what the heap is like when the others are made.
std::map<std::int64_t, List> make_lists(Home home) {
  std::map<std::int64_t, List> lists;
  for (const std::int64_t nodes : kNodes)
    lists.try_emplace(nodes, home, static_cast<std::size_t>(nodes));
  return lists;
}

template <Home kHome>
[[gnu::noinline]] void time_traversal(benchmark::State& state) {
  static const std::map<std::int64_t, List> lists = make_lists(kHome);
  const auto nodes = static_cast<std::size_t>(state.range(0));
  const List& list = lists.at(state.range(0));
  std::uint64_t sum = 0;
  for (auto _ : state) {
    sum = 0;
    for (const Node* node = list.first(); node != nullptr; node = node->next) sum += node->value;
    asm volatile("" : : "r"(sum) : "memory");
  }
  if (sum != nodes * (nodes - 1) / 2) state.SkipWithError("wrong result");
}

template <Home kHome>
void add_traversals(const std::string& name) {
  auto* const added = add_benchmark("alloc/traverse/" + name, time_traversal<kHome>);
  added->ArgName("nodes");
  for (const std::int64_t nodes : kNodes) added->Arg(nodes);
}

[[maybe_unused]] const bool kTraversalsRegistered = [] {
#if defined(ASSAY_CHURNED)
  add_traversals<Home::kChurnedHeap>("churned-heap");
#else
  add_traversals<Home::kArena>("arena");
  add_traversals<Home::kFreshHeap>("fresh-heap");
#endif
  return true;
}();

}  // namespace
}  // namespace assay
