using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <summary>Rows of a piece where a segment is split over several.</summary>
    private const int PieceRows = 64;

    /// <summary>Multiply-adds of a call below which the threads are not worth waking.</summary>
    private const long SmallAttention = 1 << 17;

    private readonly List<RotaryTable> _rotaryTables = [];

    private enum AttentionWork
    {
        Store,
        Attend,
        Both,
    }

    /// <inheritdoc/>
    public void Attention(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments, Tensor output, Tensor logSumExp)
    {
        ClearOutside(segments, output);
        int longest = Longest(segments, []), pages = 0;
        var call = new AttentionCall(projection, queryGain, keyGain, shape, Rotary(shape, longest), output, logSumExp);
        foreach (Segment segment in segments) pages += PagesOf(segment.Length);

        // The usual batch has enough segments and heads to keep every thread busy, each with keys that it made itself. Few long ones are
        // split by rows instead, over keys that were made for all beforehand. The bits are the same.
        bool split = segments.Length * shape.KeyValueHeads < 4 * Threads && longest > PieceRows && Threads > 1;
        int most = segments.Length * shape.KeyValueHeads * (split ? Pieces(longest * call.Group, PieceRows) : 1);
        AttentionPiece* pieces = Plan(most, split ? pages * shape.KeyValueHeads : 0, out float** pointers);
        if (!split)
        {
            int count = 0;
            foreach (Segment segment in segments)
                for (int head = 0; head < shape.KeyValueHeads; head++)
                    if (segment.Length > 0) pieces[count++] = new AttentionPiece { Start = segment.Start, Length = segment.Length, Head = head, Rows = segment.Length * call.Group };
            RunAttention(call, pieces, count, AttentionWork.Both, Cost(call, segments, []));
            return;
        }

        float* memory = Scratch.Take(ScratchUse.Pages, (long)pages * shape.KeyValueHeads * call.PageFloats);
        for (int i = 0; i < pages * shape.KeyValueHeads; i++) pointers[i] = memory + (long)i * call.PageFloats;
        StoreThenAttend(call, segments, [], pieces, pointers, allHeads: false);
    }

    /// <inheritdoc/>
    public void CachedAttention(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments,
        PagedKeyValues cache, int layer, Tensor output)
    {
        ClearOutside(segments, output);
        int longest = Longest(segments, cache.Past), pages = 0, most = 0, longestNew = 0, singles = 0;
        var call = new AttentionCall(projection, queryGain, keyGain, shape, Rotary(shape, longest), output, null) { ValueOffset = PagedKeyValues.ValueOffset(shape) };
        for (int s = 0; s < segments.Length; s++)
        {
            if (segments[s].Length == 1) singles++;
            pages += PagesOf(cache.Past[s] + segments[s].Length);
            most += Pieces(segments[s].Length * call.Group, PieceRows);
            longestNew = Math.Max(longestNew, segments[s].Length);
        }

        AttentionPiece* pieces = Plan(Math.Max(most, segments.Length) * shape.KeyValueHeads, pages * shape.KeyValueHeads, out float** pointers);
        int used = 0;
        for (int s = 0; s < segments.Length; s++)
            for (int head = 0; head < shape.KeyValueHeads; head++)
                foreach (int page in cache.Pages[s].AsSpan(0, PagesOf(cache.Past[s] + segments[s].Length)))
                    pointers[used++] = cache.Memory.Pointer + (long)page * cache.Memory.Columns + PagedKeyValues.Offset(layer, head, shape);

        // All heads of a token are one piece, unless the threads need more pieces than there are tokens.
        long cost = Cost(call, segments, cache.Past);
        bool allHeads = singles >= 4 * Threads || Threads == 1 || cost <= SmallAttention;
        if (longestNew * call.Group > PieceRows)
        {
            StoreThenAttend(call, segments, cache.Past, pieces, pointers, allHeads);
            return;
        }

        int count = WholeSegments(call, segments, cache.Past, pieces, pointers, allHeads);
        RunAttention(call, pieces, count, AttentionWork.Both, cost);
    }

    /// <inheritdoc/>
    public void AttentionBackward(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, ReadOnlySpan<Segment> segments,
        Tensor output, Tensor logSumExp, Tensor outputGradient, Tensor projectionGradient, Tensor? queryGainGradient, Tensor? keyGainGradient)
    {
        ClearOutside(segments, projectionGradient);
        int d = shape.HeadDimension, most = segments.Length * shape.KeyValueHeads, count = 0;
        byte* memory = (byte*)Scratch.Take(ScratchUse.Call, (most * (long)sizeof(AttentionPiece) + 63) / 64 * 16 + most * 2L * d);
        var pieces = (AttentionPiece*)memory;
        float* gains = (float*)(memory + (most * (long)sizeof(AttentionPiece) + 63) / 64 * 64);
        foreach (Segment segment in segments)
            for (int head = 0; head < shape.KeyValueHeads; head++)
                if (segment.Length > 0) pieces[count++] = new AttentionPiece { Start = segment.Start, Length = segment.Length, Head = head };

        var call = new AttentionGradientCall
        {
            Forward = new AttentionCall(projection, queryGain, keyGain, shape, Rotary(shape, Longest(segments, [])), output, logSumExp),
            OutputGradient = outputGradient.Pointer,
            ProjectionGradient = projectionGradient.Pointer,
            GainGradients = gains,
        };
        Run(new AttentionBackwardJob(call, pieces), count);
        for (int i = 0; i < count; i++)
        {
            if (queryGainGradient is not null) AddRows(gains + i * 2L * d, 1, d, queryGainGradient.Pointer);
            if (keyGainGradient is not null) AddRows(gains + i * 2L * d + d, 1, d, keyGainGradient.Pointer);
        }
    }

    private void StoreThenAttend(in AttentionCall call, ReadOnlySpan<Segment> segments, ReadOnlySpan<int> past, AttentionPiece* pieces, float** pointers, bool allHeads)
    {
        long cost = Cost(call, segments, past);
        RunAttention(call, pieces, WholeSegments(call, segments, past, pieces, pointers, allHeads), AttentionWork.Store, cost);
        int count = 0;
        for (int s = 0; s < segments.Length; s++)
        {
            int before = past.IsEmpty ? 0 : past[s], rows = segments[s].Length * call.Group;
            if (allHeads && segments[s].Length == 1)
            {
                pieces[count++] = new AttentionPiece { Start = segments[s].Start, Length = 1, Past = before, AllHeads = true, Pages = pointers };
                pointers += call.KeyValueHeads * PagesOf(before + 1);
                continue;
            }

            for (int head = 0; head < call.KeyValueHeads; head++)
            {
                // Later rows see more and take longer: they go first, so that the threads end together.
                for (int row = (rows - 1) / PieceRows * PieceRows; row >= 0 && rows > 0; row -= PieceRows)
                    pieces[count++] = new AttentionPiece
                    {
                        Start = segments[s].Start,
                        Length = segments[s].Length,
                        Past = before,
                        Head = head,
                        FirstRow = row,
                        Rows = Math.Min(PieceRows, rows - row),
                        Pages = pointers,
                    };
                pointers += PagesOf(before + segments[s].Length);
            }
        }

        RunAttention(call, pieces, count, AttentionWork.Attend, cost);
    }

    private static int WholeSegments(in AttentionCall call, ReadOnlySpan<Segment> segments, ReadOnlySpan<int> past, AttentionPiece* pieces, float** pointers, bool allHeads)
    {
        int count = 0;
        for (int s = 0; s < segments.Length; s++)
        {
            int before = past.IsEmpty ? 0 : past[s], length = segments[s].Length;
            if (allHeads && length == 1)
            {
                pieces[count++] = new AttentionPiece { Start = segments[s].Start, Length = 1, Past = before, AllHeads = true, Pages = pointers };
                pointers += call.KeyValueHeads * PagesOf(before + 1);
                continue;
            }

            for (int head = 0; head < call.KeyValueHeads; head++)
            {
                if (length > 0) pieces[count++] = new AttentionPiece { Start = segments[s].Start, Length = length, Past = before, Head = head, Rows = length * call.Group, Pages = pointers };
                pointers += PagesOf(before + length);
            }
        }

        return count;
    }

    private void RunAttention(in AttentionCall call, AttentionPiece* pieces, int count, AttentionWork work, long cost)
    {
        var job = new AttentionJob(call, pieces, work);
        if (cost > SmallAttention) Run(job, count);
        else
            for (int i = 0; i < count; i++) new Widest<AttentionJob>(job).Execute(i);
    }

    private static AttentionPiece* Plan(int pieces, int pages, out float** pointers)
    {
        long pieceBytes = (pieces * (long)sizeof(AttentionPiece) + 63) / 64 * 64;
        byte* memory = (byte*)Scratch.Take(ScratchUse.Call, pieceBytes / sizeof(float) + pages * 2L);
        pointers = (float**)(memory + pieceBytes);
        return (AttentionPiece*)memory;
    }

    private static int PagesOf(int positions) => Pieces(positions, PagedKeyValues.PageTokens);

    private static int Longest(ReadOnlySpan<Segment> segments, ReadOnlySpan<int> past)
    {
        int longest = 0;
        for (int s = 0; s < segments.Length; s++) longest = Math.Max(longest, segments[s].Length + (past.IsEmpty ? 0 : past[s]));
        return longest;
    }

    private static long Cost(in AttentionCall call, ReadOnlySpan<Segment> segments, ReadOnlySpan<int> past)
    {
        long cost = 0;
        for (int s = 0; s < segments.Length; s++) cost += segments[s].Length * 2L * ((past.IsEmpty ? 0 : past[s]) + segments[s].Length / 2 + 1) * call.OutputColumns;
        return cost;
    }

    private float* Rotary(AttentionShape shape, int positions)
    {
        foreach (RotaryTable table in _rotaryTables)
            if (table.Fits(shape)) return table.For(positions);
        _rotaryTables.Add(new RotaryTable(shape.RopeTheta, shape.HeadDimension, shape.Scaling));
        return _rotaryTables[^1].For(positions);
    }

    /// <summary>Zeroes the rows that are in no segment.</summary>
    private static void ClearOutside(ReadOnlySpan<Segment> segments, Tensor x)
    {
        long inside = 0;
        bool ordered = true;
        int end = 0;
        foreach (Segment segment in segments)
        {
            if (segment.Start < 0 || segment.Length < 0 || segment.Start > x.Rows - segment.Length) throw new ArgumentException($"{segment} is not inside the batch of {x.Rows} tokens.", nameof(segments));
            ordered &= segment.Start >= end;
            end = segment.Start + segment.Length;
            inside += segment.Length;
        }

        if (ordered && inside == x.Rows) return;
        byte* covered = (byte*)Scratch.Take(ScratchUse.Call, x.Rows / sizeof(float) + 1L);
        new Span<byte>(covered, x.Rows).Clear();
        foreach (Segment segment in segments) new Span<byte>(covered + segment.Start, segment.Length).Fill(1);
        for (int row = 0; row < x.Rows; row++)
            if (covered[row] == 0) x.Row(row).Clear();
    }

    private readonly struct AttentionJob(AttentionCall call, AttentionPiece* pieces, AttentionWork work) : IVectorJob
    {
        public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            AttentionPiece piece = pieces[index];
            int positions = piece.Past + piece.Length, pages = PagesOf(positions);
            if (piece.AllHeads)
            {
                if (work != AttentionWork.Attend) AttentionToken<TVector, TSimd>.Store(call, piece, pages);
                if (work != AttentionWork.Store) AttentionToken<TVector, TSimd>.Attend(call, piece, pages, Scratch.Take(ScratchUse.Piece, AttentionToken<TVector, TSimd>.ScratchFloats(call, positions)));
                return;
            }

            long rowFloats = AttentionRows<TVector, TSimd>.ScratchFloats(call.HeadDimension, positions);
            long pageFloats = piece.Pages == null ? (long)pages * call.PageFloats : 0;
            float* scratch = Scratch.Take(ScratchUse.Piece, rowFloats + pageFloats + pages * 2L);
            if (piece.Pages == null)
            {
                float* memory = scratch + rowFloats;
                piece.Pages = (float**)(memory + pageFloats);
                for (int page = 0; page < pages; page++) piece.Pages[page] = memory + (long)page * call.PageFloats;
            }

            if (work != AttentionWork.Attend) AttentionRows<TVector, TSimd>.Store(call, piece);
            if (work != AttentionWork.Store) AttentionRows<TVector, TSimd>.Attend(call, piece, scratch);
        }
    }

    private readonly struct AttentionBackwardJob(AttentionGradientCall call, AttentionPiece* pieces) : IVectorJob
    {
        public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            float* scratch = Scratch.Take(ScratchUse.Piece, AttentionGradient<TVector, TSimd>.ScratchFloats(call.Forward.HeadDimension, pieces[index].Length));
            AttentionGradient<TVector, TSimd>.Backward(call, pieces[index], index, scratch);
        }
    }
}
