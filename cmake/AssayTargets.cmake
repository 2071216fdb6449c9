# How every target of the project is compiled, and the two kinds of target that a family adds.

set(ASSAY_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize takes them")
option(ASSAY_FUZZ "Build the libFuzzer targets (clang only)" OFF)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror)
if(ASSAY_SANITIZE)
  add_compile_options(-fsanitize=${ASSAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ASSAY_SANITIZE})
endif()
if(ASSAY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

# assay_instrument(NAME SOURCES file... LIBRARIES lib...)
# One benchmark executable of a family. It serves slices to the experimenter, and run by hand is an
# ordinary Google Benchmark program. `assay` finds it by its place: <build>/benches/instruments/NAME.
function(assay_instrument name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(instrument_${name} ${arg_SOURCES})
  target_link_libraries(instrument_${name} PRIVATE assay::instrument_main ${arg_LIBRARIES})
  set_target_properties(instrument_${name} PROPERTIES
    OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/benches/instruments)
endfunction()

# assay_unit_test(NAME SOURCES file... LIBRARIES lib... [CONCURRENT])
# One GoogleTest executable, every test of it labelled `unit`; CONCURRENT ones also run under TSan.
function(assay_unit_test name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "CONCURRENT" "" "SOURCES;LIBRARIES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE GTest::gmock_main ${arg_LIBRARIES})
  set(label unit)
  if(arg_CONCURRENT)
    set(label unit-concurrent)  # one label, as gtest_discover_tests loses lists; -L takes a pattern
    add_dependencies(concurrent_tests ${name})
  endif()
  # PRE_TEST: the list is read when ctest runs, so that a preset may build some targets only.
  gtest_discover_tests(${name} PROPERTIES LABELS ${label} DISCOVERY_MODE PRE_TEST)
endfunction()
