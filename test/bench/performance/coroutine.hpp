/* SPDX-License-Identifier: MIT */

/*
 * <coroutine>, or what a compiler without its library needs of it.
 */
#ifndef BENCH_COROUTINE_HPP
#define BENCH_COROUTINE_HPP

#if __has_include(<coroutine>)
#include <coroutine>
#else

namespace std
{

template <typename Result, typename...> struct coroutine_traits {
    using promise_type = typename Result::promise_type;
};

template <typename Promise = void> struct coroutine_handle;

template <> struct coroutine_handle<void> {
    void *frame = nullptr;

    static coroutine_handle from_address(void *address)
    {
        coroutine_handle handle;
        handle.frame = address;
        return handle;
    }

    void *address() const
    {
        return frame;
    }

    void resume() const
    {
        __builtin_coro_resume(frame);
    }

    void destroy() const
    {
        __builtin_coro_destroy(frame);
    }
};

template <typename Promise> struct coroutine_handle : coroutine_handle<> {
    static coroutine_handle from_address(void *address)
    {
        coroutine_handle handle;
        handle.frame = address;
        return handle;
    }

    static coroutine_handle from_promise(Promise &promise)
    {
        return from_address(__builtin_coro_promise(
            reinterpret_cast<char *>(&promise), alignof(Promise), true));
    }

    Promise &promise() const
    {
        return *static_cast<Promise *>(
            __builtin_coro_promise(frame, alignof(Promise), false));
    }
};

template <bool ready> struct bench_suspend {
    bool await_ready() const noexcept
    {
        return ready;
    }

    void await_suspend(coroutine_handle<>) const noexcept
    {
    }

    void await_resume() const noexcept
    {
    }
};

using suspend_always = bench_suspend<false>;
using suspend_never = bench_suspend<true>;

} // namespace std

#endif
#endif
