# find_package(assay) gives assay::instrument_main, to link in place of benchmark::benchmark_main: the
# suite then serves slices to `assay gate` and `assay run`, and run by hand is what it was.
include(CMakeFindDependencyMacro)
find_dependency(benchmark)
find_dependency(fmt)
find_dependency(nlohmann_json)
include(${CMAKE_CURRENT_LIST_DIR}/assay-targets.cmake)
