# The loop inside a main loop and inside an RTOS: the examples run, and with a
# disturbance at every place none of them sleeps with work. Their broken copies
# do, or else the sweep sees nothing.

set(examples_here ${CMAKE_CURRENT_LIST_DIR})
set(examples_docs ${async_root}/docs)

# async_sweep(<name> <example> <twin> <source>...)
#
# Sweep a program, which the first source includes.
function(async_sweep name example twin)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE async_${twin})
  target_include_directories(${name} PRIVATE ${examples_docs}/examples)
  target_compile_options(${name} PRIVATE ${async_warnings})
  target_compile_definitions(${name} PRIVATE EXAMPLE="${example}")
endfunction()

# async_sweep_broken(<test> <example> <twin> FAILS <regex>
#                    CHANGE <from> <to>... SOURCES <source>...)
#
# The same for a copy in which some text was changed; the sweep must say so.
function(async_sweep_broken test example twin)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "FAILS" "CHANGE;SOURCES")
  string(REPLACE . _ name ${test})
  file(READ ${example} text)
  while(arg_CHANGE)
    list(POP_FRONT arg_CHANGE from to)
    string(REPLACE "\\;" ";" from "${from}")
    string(REPLACE "\\;" ";" to "${to}")
    string(FIND "${text}" "${from}" at)
    if(at LESS 0)
      message(FATAL_ERROR "${test}: ${example} has no \"${from}\"")
    endif()
    string(REPLACE "${from}" "${to}" text "${text}")
  endwhile()
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/broken/${name}.c)
  file(CONFIGURE OUTPUT ${copy} CONTENT "@text@" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${example})
  async_sweep(${name} ${copy} ${twin} ${arg_SOURCES})
  add_test(NAME ${test} COMMAND ${name})
  set_tests_properties(${test} PROPERTIES LABELS example TIMEOUT 60
    PASS_REGULAR_EXPRESSION "${arg_FAILS}")
endfunction()

# --- In a main loop ----------------------------------------------------------

if(TARGET async_interleave)
  set(example ${examples_docs}/examples/superloop.c)
  set(sweep SOURCES ${examples_here}/superloop/sweep.c)
  async_sweep(sweep_superloop ${example} interleave
    ${examples_here}/superloop/sweep.c)
  add_test(NAME example.superloop COMMAND sweep_superloop)
  set_tests_properties(example.superloop PROPERTIES LABELS example TIMEOUT 60)

  set(lost "asleep with work, after an interrupt at place")
  async_sweep_broken(example.superloop_without_look ${example} interleave
    CHANGE "if (!work && async_loop_is_idle(&loop))" "if (true)"
    FAILS ${lost} ${sweep})
  async_sweep_broken(example.superloop_loop_not_asked ${example} interleave
    CHANGE "if (!work && async_loop_is_idle(&loop))" "if (!work)"
    FAILS ${lost} ${sweep})
  async_sweep_broken(example.superloop_flag_not_asked ${example} interleave
    CHANGE "if (!work && async_loop_is_idle(&loop))"
      "if (async_loop_is_idle(&loop))"
    FAILS ${lost} ${sweep})
  async_sweep_broken(example.superloop_look_before_lock ${example} interleave
    CHANGE "async_port_state_t state = async_port_lock()\;
    if (!work && async_loop_is_idle(&loop))"
      "bool idle = !work && async_loop_is_idle(&loop)\;
    async_port_state_t state = async_port_lock()\;
    if (idle)"
    FAILS ${lost} ${sweep})
  async_sweep_broken(example.superloop_cleared_late ${example} interleave
    CHANGE "work = false\; /* before all looks, not after */" ""
      "if (pause > 0) {" "work = false\;
        if (pause > 0) {"
    FAILS ${lost} ${sweep})
  async_sweep_broken(example.superloop_silent_handler ${example} interleave
    CHANGE "modem_has_byte = true\;
    work = true\;" "modem_has_byte = true\;"
    FAILS ${lost} ${sweep})
  async_sweep_broken(example.superloop_forever_is_a_time ${example} interleave
    CHANGE "ticks == ASYNC_FOREVER ? NULL : &deadline" "&deadline"
    FAILS "awake without work, after an interrupt at place" ${sweep})
endif()

# --- In a thread -------------------------------------------------------------

find_package(Threads QUIET)

if(Threads_FOUND)
  set(portable ${async_sources})
  list(FILTER portable EXCLUDE REGEX "/src/port/")
  async_add_twin(rtos ${portable})
  target_include_directories(async_rtos PUBLIC
    ${examples_here}/rtos ${examples_docs}/examples)
  target_compile_definitions(async_rtos PUBLIC
    ASYNC_PORT_HEADER="rtos_port.h")
  add_library(stand_in_freertos OBJECT ${examples_here}/rtos/freertos.c)
  target_include_directories(stand_in_freertos PUBLIC ${examples_here}/rtos)
  target_compile_options(stand_in_freertos PRIVATE ${async_warnings})
  target_link_libraries(stand_in_freertos PUBLIC Threads::Threads)
  target_link_libraries(async_rtos PUBLIC Threads::Threads)

  set(example ${examples_docs}/examples/rtos.c)
  set(stand_in $<TARGET_OBJECTS:stand_in_freertos>)
  add_executable(example_rtos
    ${example} ${examples_here}/rtos/board.c ${stand_in})
  target_link_libraries(example_rtos PRIVATE async_rtos)
  target_compile_options(example_rtos PRIVATE ${async_warnings})
  add_test(NAME example.rtos
    COMMAND sh ${examples_here}/check_page.sh
      ${examples_docs}/how-to/use-with-an-rtos.md rtos.c
      $<TARGET_FILE:example_rtos>)

  set(sweep SOURCES ${examples_here}/rtos/sweep.c ${stand_in})
  async_sweep(sweep_rtos ${example} rtos
    ${examples_here}/rtos/sweep.c ${stand_in})
  add_test(NAME example.rtos_disturbed COMMAND sweep_rtos)
  set_tests_properties(example.rtos example.rtos_disturbed PROPERTIES
    LABELS example TIMEOUT 60)

  async_sweep_broken(example.rtos_asleep_late ${example} rtos
    CHANGE "    asleep = true\;
    async_port_unlock(ASYNC_PORT_OPEN)\;"
      "    async_port_unlock(ASYNC_PORT_OPEN)\;
    asleep = true\;"
    FAILS "idle with work" ${sweep})
  async_sweep_broken(example.rtos_wake_not_kept ${example} rtos
    CHANGE "ulTaskNotifyTake(pdTRUE, ticks_until(deadline, polling))"
      "vTaskDelay(ticks_until(deadline, polling))"
    FAILS "idle with work" ${sweep})
  async_sweep_broken(example.rtos_wake_forgotten ${example} rtos
    CHANGE "vTaskNotifyGiveFromISR(async_thread, &more_urgent)\;" ""
    FAILS "idle with work" ${sweep})
  async_sweep_broken(example.rtos_late ${example} rtos
    CHANGE "*deadline - now :" "*deadline - now + 1 :"
    FAILS "a deadline is missed" ${sweep})
  async_sweep_broken(example.rtos_sleeps_locked ${example} rtos
    CHANGE "    async_port_unlock(ASYNC_PORT_OPEN)\;
" ""
    FAILS "ulTaskNotifyTake: called with the lock held" ${sweep})
  async_sweep_broken(example.rtos_not_from_isr ${example} rtos
    CHANGE "vTaskNotifyGiveFromISR(async_thread, &more_urgent)"
      "xTaskNotifyGive(async_thread)"
    FAILS "xTaskNotifyGive: called with the lock held" ${sweep})
endif()
