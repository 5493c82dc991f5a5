# Agreement with CPython's asyncio: each scenario is written in C and in Python,
# and run.py compares what they print.

file(GLOB async_scenarios CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
add_executable(conformance ${async_scenarios})
target_link_libraries(conformance PRIVATE async_checked)
target_compile_options(conformance PRIVATE ${async_warnings})

find_package(Python3 3.11 QUIET COMPONENTS Interpreter)
if(Python3_FOUND)
  set(async_conformance ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/run.py)
  add_test(NAME conformance
    COMMAND ${async_conformance} --at-least 60
      --page ${async_root}/docs/explanation/coming-from-asyncio.md
      $<TARGET_FILE:conformance>)
  set_tests_properties(conformance PROPERTIES LABELS conformance TIMEOUT 120)
  if(ASYNC_TESTS_ONCE)
    add_test(NAME conformance.self_test
      COMMAND ${async_conformance} --self-test $<TARGET_FILE:conformance>)
    set_tests_properties(conformance.self_test PROPERTIES
      LABELS conformance TIMEOUT 120)
  endif()
else()
  message(STATUS "no Python 3.11 or newer: agreement with asyncio is left out")
endif()

include(${CMAKE_CURRENT_LIST_DIR}/random/random.cmake)
