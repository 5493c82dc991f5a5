# What the library costs: bytes, and instructions. The scripts compile the
# library themselves, so that the numbers do not depend on this build.
#   python3 test/bench/targets/targets.py show
#   python3 test/bench/performance.py show

set(async_bench ${CMAKE_CURRENT_LIST_DIR})

find_package(Python3 3.8 COMPONENTS Interpreter)

function(async_bench_test name seconds)
  add_test(NAME bench.${name} COMMAND ${ARGN})
  set_tests_properties(bench.${name} PROPERTIES
    LABELS bench
    TIMEOUT ${seconds}
    SKIP_RETURN_CODE 77
    ENVIRONMENT "CC=${CMAKE_C_COMPILER};PYTHONDONTWRITEBYTECODE=1")
endfunction()

if(ASYNC_TESTS_ONCE)
  async_bench_test(unused 300 sh ${async_bench}/unused.sh)
endif()
if(Python3_FOUND)
  set(async_targets ${Python3_EXECUTABLE} ${async_bench}/targets/targets.py)
  set(async_performance ${Python3_EXECUTABLE} ${async_bench}/performance.py)
endif()

# On each machine, what the pages of docs/reference say, and the limits.
if(Python3_FOUND AND ASYNC_TESTS_ONCE)
  async_bench_test(depth 300 ${async_performance} depth)
  foreach(machine cortex_m0plus cortex_m3 cortex_m33 rv32 avr)
    async_bench_test(targets.${machine} 180
      ${async_targets} check --target ${machine})
  endforeach()
  async_bench_test(targets.can_fail 120
    ${async_targets} can-fail --target cortex_m3)
  foreach(part host scale cortex_m0plus cortex_m3 avr)
    async_bench_test(performance.${part} 300
      ${async_performance} check --part ${part})
  endforeach()
  async_bench_test(performance.can_fail 120
    ${async_performance} can-fail --part cortex_m3)
endif()
