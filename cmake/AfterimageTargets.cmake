# SPDX-License-Identifier: Apache-2.0
# How a folder of sources becomes a library and a test binary. One CMakeLists.txt a folder lists every file: tests/lint compares
# the lists with the tree, so that no file is silently out of the build.

add_library(afterimage_warnings INTERFACE)
target_compile_options(afterimage_warnings INTERFACE
    -Werror -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
    # For C++, clang's -Wconversion brings -Wsign-conversion along, GCC's does not: one rule for both.
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wno-sign-conversion>
    # GCC 12 sees overlaps in std::string's operator+ that are not there (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    # Designated initializers leave the other members at their defaults on purpose.
    -Wno-missing-field-initializers)

add_library(afterimage_doctest_main OBJECT ${CMAKE_SOURCE_DIR}/tests/support/doctest_main.cc)

# afterimage_library(storage_tree SOURCES a.cc b.cc HEADERS a.h b.h DEPENDS storage_bytes LINK PkgConfig::ZSTD)
# Makes afterimage_<name>. DEPENDS names other folders' libraries (public); LINK names system libraries.
function(afterimage_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;DEPENDS;LINK" ${ARGN})
    set(target afterimage_${name})
    if(ARG_SOURCES)
        add_library(${target} STATIC ${ARG_SOURCES})
        set(scope PUBLIC)
        target_link_libraries(${target} PRIVATE afterimage_warnings)
        target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${ARG_HEADERS})
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
        target_sources(${target} INTERFACE FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${ARG_HEADERS})
    endif()
    foreach(dependency IN LISTS ARG_DEPENDS)
        target_link_libraries(${target} ${scope} afterimage_${dependency})
    endforeach()
    target_link_libraries(${target} ${scope} ${ARG_LINK})
endfunction()

# afterimage_test(storage_tree LABEL unit SOURCES node_test.cc DEPENDS storage_tree)
# Makes <name>_test from doctest sources and registers it with CTest under LABEL (default unit).
function(afterimage_test name)
    cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPENDS;LINK" ${ARGN})
    if(NOT ARG_LABEL)
        set(ARG_LABEL unit)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 300)
    endif()
    set(target ${name}_test)
    add_executable(${target} ${ARG_SOURCES} $<TARGET_OBJECTS:afterimage_doctest_main>)
    target_link_libraries(${target} PRIVATE afterimage_warnings ${ARG_LINK})
    foreach(dependency IN LISTS ARG_DEPENDS)
        target_link_libraries(${target} PRIVATE afterimage_${dependency})
    endforeach()
    add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
    afterimage_add_to_label(${ARG_LABEL} ${target})
endfunction()

# tests_<label> builds all test programs of one label: CI's sanitizer builds need not build the rest.
function(afterimage_add_to_label label target)
    if(NOT TARGET tests_${label})
        add_custom_target(tests_${label})
    endif()
    add_dependencies(tests_${label} ${target})
endfunction()

# afterimage_fuzz_target(lexer SOURCES lexer_fuzz.cc DEPENDS sql_parse)
# Makes <name>_fuzz around LLVMFuzzerTestOneInput. With AFTERIMAGE_FUZZERS it is a libFuzzer program; without, it replays the
# seeds in tests/fuzz/corpus/<name> and cuts and flips of them. The test (label fuzz) runs the seeds either way.
function(afterimage_fuzz_target name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
    set(target ${name}_fuzz)
    add_executable(${target} ${ARG_SOURCES})
    target_link_libraries(${target} PRIVATE afterimage_warnings ${ARG_LINK})
    foreach(dependency IN LISTS ARG_DEPENDS)
        target_link_libraries(${target} PRIVATE afterimage_${dependency})
    endforeach()
    if(AFTERIMAGE_FUZZERS)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        set(run_seeds -runs=0)
    else()
        target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
        set(run_seeds "")
    endif()
    add_test(NAME fuzz_${name} COMMAND ${target} ${run_seeds} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 300)
    afterimage_add_to_label(fuzz ${target})
    # .ci/run reads which targets to fuzz.
    set_property(GLOBAL APPEND_STRING PROPERTY AFTERIMAGE_FUZZ_TARGETS "${name}\n")
endfunction()
