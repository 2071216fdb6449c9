# How every target of the project is compiled, and the two kinds of target that a family adds.

set(ASSAY_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize takes them")
option(ASSAY_FUZZ "Build the libFuzzer targets (clang only)" OFF)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wredundant-decls
  -Wzero-as-null-pointer-constant -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12's own stable_sort calls what it deprecates; clang says so, g++ does not.
  add_compile_options(-Wno-deprecated-declarations)
endif()
add_compile_options(-ffunction-sections)  # what a relink can move: see assay_relink
if(ASSAY_SANITIZE)
  add_compile_options(-fsanitize=${ASSAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ASSAY_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(-fuse-ld=lld)  # GNU ld takes seconds for each of these executables
  endif()
endif()
if(ASSAY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

set(ASSAY_LAYOUTS 0)
if(CMAKE_BUILD_TYPE STREQUAL Release AND NOT ASSAY_SANITIZE AND NOT ASSAY_FUZZ)
  set(ASSAY_LAYOUTS 8)
endif()

# assay_instrument(NAME SOURCES file... LIBRARIES lib...)
# One benchmark executable of a family. It serves slices to the experimenter, and run by hand is an
# ordinary Google Benchmark program. `assay` finds it by its place: <build>/benches/instruments/NAME.
# The build that measures also relinks it: see assay_relink.
function(assay_instrument name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(instrument_${name} ${arg_SOURCES})
  target_link_libraries(instrument_${name} PRIVATE assay::instrument_main ${arg_LIBRARIES})
  set_target_properties(instrument_${name} PROPERTIES
    OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/benches/instruments)
  if(ASSAY_LAYOUTS)
    target_link_options(instrument_${name} PRIVATE LINKER:-Map=${CMAKE_CURRENT_BINARY_DIR}/${name}.map)
    foreach(layout RANGE 1 ${ASSAY_LAYOUTS})
      assay_relink(${name} ${layout} ${arg_LIBRARIES})
    endforeach()
  endif()
endfunction()

# assay_relink(NAME LAYOUT lib...)
# Links the objects of an instrument again, to <build>/benches/layouts/LAYOUT/NAME, with its functions
# in another order. Where code lies is a factor that a build fixes; these are other draws of it. The
# number of the layout is the seed, so that every build draws the same.
# Varied: the order, hence pages, cache sets and branch-predictor entries; and where in a 64-byte line
#   a function starts: at 0, 16, 32 or 48, also those that the normal instrument starts at 0.
# Not varied: the offset within 16 bytes; cold and start-up code; shared libraries; data; and what the
#   compiler put where inside a function.
function(assay_relink name layout)
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${name}_layout_${layout}.ld)
  set(generator ${PROJECT_SOURCE_DIR}/cmake/shuffled_layout.cmake)
  add_custom_command(OUTPUT ${script} VERBATIM
    COMMAND ${CMAKE_COMMAND} -DMAP=${CMAKE_CURRENT_BINARY_DIR}/${name}.map -DSEED=${layout}
            -DSCRIPT=${script} -P ${generator}
    DEPENDS instrument_${name} ${generator})
  set(target instrument_${name}_layout_${layout})
  add_executable(${target} $<TARGET_OBJECTS:instrument_${name}> ${script})
  target_link_libraries(${target} PRIVATE assay::instrument_main ${ARGN})
  target_link_options(${target} PRIVATE LINKER:-T,${script})
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${script} LINKER_LANGUAGE CXX
    OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/benches/layouts/${layout})
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
  target_compile_options(${name} PRIVATE -O0)  # what is tested is in libraries; a test takes longer to compile than to run
  add_dependencies(unit_tests ${name})
  set(label unit)
  if(arg_CONCURRENT)
    set(label unit-concurrent)  # one label, as gtest_discover_tests loses lists; -L takes a pattern
    add_dependencies(concurrent_tests ${name})
  endif()
  # PRE_TEST: the list is read when ctest runs, so that a preset may build some targets only.
  gtest_discover_tests(${name} PROPERTIES LABELS ${label} DISCOVERY_MODE PRE_TEST)
endfunction()
