# The unit tests of everything but measure/ and cli/, in one executable, and the fuzzers.

set(ASSAY_FUZZ_CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus)

assay_unit_test(harness_test
  SOURCES
    text_test.cpp
    register/parse_test.cpp register/register_test.cpp
    statistics/statistics_test.cpp statistics/coverage_test.cpp
    plan/plan_test.cpp
    record/ledger_test.cpp record/machine_code_test.cpp record/raw_file_test.cpp record/slice_test.cpp record/manifest_test.cpp record/run_test.cpp
    verdict/estimate_test.cpp verdict/calibration_test.cpp verdict/evidence_test.cpp verdict/judge_test.cpp
    verdict/rounds_test.cpp verdict/witness_test.cpp
    gate/cases_test.cpp gate/google_json_test.cpp gate/instructions_test.cpp gate/judge_test.cpp gate/recorded_test.cpp gate/reference_test.cpp gate/report_test.cpp gate/result_test.cpp gate/rules_test.cpp gate/sides_test.cpp
    report/compare_test.cpp report/export_test.cpp report/html_page_test.cpp report/report_test.cpp report/roofline_test.cpp
    report/surface_test.cpp
    fuzz/replay_test.cpp
  LIBRARIES assay_harness zstd::libzstd_shared pugixml::pugixml)
if(TARGET harness_test)
  target_compile_definitions(harness_test PRIVATE
    ASSAY_FUZZ_CORPUS="${ASSAY_FUZZ_CORPUS}" ASSAY_REGISTER="${PROJECT_SOURCE_DIR}/EXPERIMENTS.md")
endif()

if(ASSAY_FUZZ)
  foreach(target register raw run lines code rules suite)
    add_executable(fuzz_${target} fuzz/fuzz_${target}.cpp)
    target_link_libraries(fuzz_${target} PRIVATE assay_harness)
    target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers fuzz_${target})
  endforeach()
endif()
