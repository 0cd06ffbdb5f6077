namespace Reverie.Tensors.Tests;

public sealed unsafe class ArenaTests
{
    [Fact]
    public void Tensors_are_aligned_disjoint_and_cleared_on_request()
    {
        using var arena = new Arena(1 << 12);
        var random = new RandomStream(1, "arena");
        var tensors = new List<Tensor>();
        for (int i = 0; i < 200; i++)
        {
            Tensor tensor = arena.Allocate(1 + random.Next(20), 1 + random.Next(60), clear: true);
            Assert.Equal(0, (nint)tensor.Pointer % 64);
            Assert.All(tensor.Span.ToArray(), x => Assert.Equal(0, x));
            tensor.Span.Fill(i + 1);
            tensors.Add(tensor);
        }

        for (int i = 0; i < tensors.Count; i++) Assert.All(tensors[i].Span.ToArray(), x => Assert.Equal(i + 1, x));
    }

    [Fact]
    public void A_reset_arena_hands_out_the_same_memory_and_objects()
    {
        using var arena = new Arena(1 << 12);
        Tensor first = arena.Allocate(3, 5), large = arena.Allocate(100, 100);
        first.IsParameter = true;
        first.Gradient = large;
        nint pointer = (nint)first.Pointer;
        long reserved = arena.ReservedBytes;
        arena.Reset();
        Tensor again = arena.Allocate(7, 2);
        arena.Allocate(100, 100);
        Assert.Same(first, again);
        Assert.Equal(pointer, (nint)again.Pointer);
        Assert.Equal((7, 2, false), (again.Rows, again.Columns, again.IsParameter));
        Assert.Null(again.Gradient);
        Assert.Equal(reserved, arena.ReservedBytes);
    }

    [Fact]
    public void Views_share_the_rows_of_their_tensor()
    {
        using var arena = new Arena();
        Tensor tensor = arena.Allocate(4, 3, clear: true);
        tensor.View(1, 2).Span.Fill(1);
        arena.View(tensor, 3, 1).Span.Fill(2);
        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2], tensor.Span.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.View(3, 2));
    }

    [Fact]
    public void Impossible_requests_are_refused()
    {
        var arena = new Arena();
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.Allocate(-1, 1));
        arena.Dispose();
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.Allocate(1, 1));
    }
}
