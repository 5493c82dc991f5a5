# What the library costs: bytes, and instructions. The scripts compile the
# library themselves, so that the numbers do not depend on this build.
#   sh test/bench/run.sh      python3 test/bench/targets/targets.py show

set(async_bench ${CMAKE_CURRENT_LIST_DIR})

add_test(NAME bench.depth COMMAND sh ${async_bench}/run.sh depth)
add_test(NAME bench.unused COMMAND sh ${async_bench}/unused.sh)
set_tests_properties(bench.depth bench.unused
  PROPERTIES
  LABELS bench
  TIMEOUT 300
  SKIP_RETURN_CODE 77
  ENVIRONMENT CC=${CMAKE_C_COMPILER})

# On each machine, what the pages of docs/reference say, and the limits.
find_package(Python3 3.8 COMPONENTS Interpreter)
if(Python3_FOUND AND ASYNC_TESTS_SLOW)
  function(async_target_test name)
    add_test(NAME bench.targets.${name}
      COMMAND ${Python3_EXECUTABLE} ${async_bench}/targets/targets.py ${ARGN})
    set_tests_properties(bench.targets.${name} PROPERTIES
      LABELS bench TIMEOUT 120 SKIP_RETURN_CODE 77
      ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  endfunction()
  foreach(machine cortex_m0plus cortex_m3 cortex_m33 rv32 avr)
    async_target_test(${machine} check --target ${machine})
  endforeach()
  async_target_test(can_fail can-fail --target cortex_m3)
endif()
