using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// The blocked product for one vector width. B is packed once per product, into (block of K, panel of N, k, columns); then tasks of
/// some rows by some panels run over the whole of K. A is read where it lies, or packed by the task when that is faster.
/// </summary>
internal static unsafe class GemmBlocked<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    // A tile of A (rows x KBlock) and what passes by of B share the first-level cache. A task's block of B (KBlock x columns) takes
    // half of the second-level cache (1 MB or more where vectors have 512 bits, else 512 KB or more), its rows of A and C a quarter.
    private const int KBlock = 256;
    private static int CacheFloats => TSimd.Width >= 16 ? 1 << 18 : 1 << 17;

    // Stored rows of a matrix that are packed at a time where it is copied along them, while the next ones are fetched.
    private const int Stripe = 32;

    // At most this many floats of packed B exist at a time (16 MB); a longer K or N is done in parts.
    private const int PackedFloats = 1 << 22;
    private const int LongestK = 4096;

    // Work is counted in multiply-adds, and a float of B that must come from memory as four. Below SmallWork (some 5 us) the caller
    // works alone, because waking a worker costs as much; a large task has at least TaskWork, a small one SmallWork.
    private const double SmallWork = 1 << 18;
    private const double TaskWork = 1 << 20;
    private const int TasksPerThread = 4;

    // Up to FewRows rows, panels that must be expanded are so for ShortBlock of K at a time: four of them and the rows share the first-level cache.
    private const int FewRows = 12;
    private const int ShortBlock = 32;

    // Rows of A that are a multiple of 4 KB apart all fall into the same set of the first-level cache.
    private const int CollidingStride = 1024;

    private static int Columns => GemmTile<TVector, TSimd>.Columns;

    public static void Multiply(WorkerPool pool, int m, int n, int k, GemmOperand a, GemmOperand b, float* c, int ldc, bool accumulate)
    {
        bool alone = Work(m, n, k) < SmallWork;
        int kPart = Math.Min(k, Math.Max(LongestK, PackedFloats / RoundUp(n, Columns) / KBlock * KBlock));
        int nPart = Math.Min(n, Math.Max(Columns, PackedFloats / kPart / Columns * Columns));
        float* packed = PackingBuffers.OfB.Take((nint)RoundUp(nPart, Columns) * kPart);

        for (int n0 = 0; n0 < n; n0 += nPart)
            for (int k0 = 0; k0 < k; k0 += kPart)
            {
                int width = Math.Min(nPart, n - n0), depth = Math.Min(kPart, k - k0);
                var part = new GemmOperand(b.At(n0, k0), b.Lane, b.Step);
                Pack(alone ? null : pool, part, width, depth, packed);
                var left = new GemmOperand(a.At(0, k0), a.Lane, a.Step);
                MultiplyPart(alone ? null : pool, m, width, depth, left, packed, KBlock, c + n0, ldc, accumulate || k0 > 0);
            }
    }

    public static void MultiplyPacked(WorkerPool pool, int m, GemmOperand a, PackedMatrix weight, float* c, int ldc, bool accumulate)
    {
        bool alone = Work(m, weight.N, weight.K) < SmallWork;
        MultiplyPart(alone ? null : pool, m, weight.N, weight.K, a, weight.Data, weight.Format == PackedFormat.F32 ? weight.K : KBlock, c, ldc, accumulate, weight.Format, weight.PanelBytes);
    }

    private static void Pack(WorkerPool? pool, GemmOperand b, int n, int k, float* target)
    {
        int panels = CeilingDivide(n, Columns);
        // Pieces of 16 K floats: small enough to share out, large enough to be worth the claim.
        int panelsPerPiece = (1 << 14) / (KBlock * Columns);
        var job = new PackJob { B = b, N = n, K = k, Panels = panels, PanelsPerPiece = panelsPerPiece, Target = target };
        Run(pool, job, CeilingDivide(panels, panelsPerPiece) * CeilingDivide(k, KBlock));
    }

    private static void MultiplyPart(WorkerPool? pool, int m, int n, int k, GemmOperand a, float* packed, int kBlock, float* c, int ldc, bool accumulate,
        PackedFormat format = PackedFormat.F32, nint panelBytes = 0)
    {
        int threads = pool?.Threads ?? 1;
        int rows = GemmTile<TVector, TSimd>.MaxRows;
        int panels = CeilingDivide(n, Columns), tiles = CeilingDivide(m, rows);
        int across = CeilingDivide(panels, Math.Clamp(CacheFloats / 2 / (Math.Min(k, kBlock) * Columns), 1, panels));
        int wanted = threads == 1 ? 1 : (int)Math.Clamp(Work(m, n, k) / TaskWork, threads, TasksPerThread * threads);
        int finest = threads == 1 ? 1 : (int)Math.Clamp(Work(m, n, k) / SmallWork, threads, 2 * TasksPerThread * threads);
        if (tiles * across < finest) across = Math.Min(CeilingDivide(finest, tiles), panels);
        int panelsPerTask = CeilingDivide(panels, across);
        if (m <= GemmTile<TVector, TSimd>.ThinRows) panelsPerTask = RoundUp(panelsPerTask, GemmTile<TVector, TSimd>.ThinPanels);
        across = CeilingDivide(panels, panelsPerTask);

        // Of each column of tasks, three quarters of the rows in large tasks, which read B seldom, and the rest in small ones,
        // so that the threads finish together.
        int tilesInLarge = threads == 1 ? tiles : tiles * 3 / 4;

        // Panels that must be expanded are so once a task: more rows then pay for it, though they fall out of the cache.
        int tilesInCache = (format == PackedFormat.F32 ? 1 : 3) * (CacheFloats / 4) / (Math.Min(k, kBlock) + panelsPerTask * Columns) / rows;
        int tilesPerLarge = Math.Max(1, Math.Min(tilesInCache, tilesInLarge / CeilingDivide(wanted, across)));
        int large = tilesInLarge / tilesPerLarge;
        int tilesPerSmall = Math.Max(1, tilesPerLarge / 4), small = CeilingDivide(tiles - large * tilesPerLarge, tilesPerSmall);

        var job = new MultiplyJob
        {
            M = m,
            N = n,
            K = k,
            KBlock = kBlock,
            A = a,
            Packed = packed,
            C = c,
            Ldc = ldc,
            Accumulate = accumulate,
            PackA = m > rows && (a.Lane == 1 || a.Lane % CollidingStride == 0),
            Panels = panels,
            PanelsPerTask = panelsPerTask,
            Across = across,
            Large = large,
            RowsPerLarge = tilesPerLarge * rows,
            Small = small,
            RowsPerSmall = tilesPerSmall * rows,
            Format = format,
            PanelBytes = panelBytes,
        };
        Run(pool, job, across * (large + small));
    }

    private static double Work(int m, int n, int k) => (m + 4.0) * n * k;

    private static void Run<TJob>(WorkerPool? pool, TJob job, int count) where TJob : unmanaged, IJob
    {
        if (pool != null) pool.Run(job, count);
        else
            for (int i = 0; i < count; i++) job.Execute(i);
    }

    /// <summary>Asks for <paramref name="count"/> floats in the first-level cache. A hint: it may point anywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchNow(float* address, int count)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < count; i += 16) Sse.Prefetch0(address + i);
    }

    /// <summary>The same in the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchSoon(float* address, int count)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < count; i += 16) Sse.Prefetch1(address + i);
    }

    private static int CeilingDivide(int value, int divisor) => (value + divisor - 1) / divisor;

    private static int RoundUp(int value, int multiple) => CeilingDivide(value, multiple) * multiple;

    /// <summary>Packs some panels of one block of K.</summary>
    private struct PackJob : IJob
    {
        public GemmOperand B;
        public int N, K, Panels, PanelsPerPiece;
        public float* Target;

        public readonly void Execute(int index)
        {
            int pieces = CeilingDivide(Panels, PanelsPerPiece);
            int block = index / pieces * KBlock, depth = Math.Min(KBlock, K - block);
            int first = index % pieces * PanelsPerPiece, end = Math.Min(Panels, first + PanelsPerPiece);
            int stripe = B.Lane == 1 ? Stripe : depth;
            for (int k = 0; k < depth; k += stripe)
            {
                for (int next = k + stripe; next < Math.Min(depth, k + 2 * stripe); next++)
                    FetchNow(B.At(first * Columns, block + next), (end - first) * Columns);
                for (int panel = first; panel < end; panel++)
                {
                    float* target = Target + ((nint)Panels * block + (nint)panel * depth + k) * Columns;
                    B.Pack(panel * Columns, Math.Min(Columns, N - panel * Columns), block + k, Math.Min(stripe, depth - k), target, Columns);
                }
            }
        }
    }

    /// <summary>Some rows by some panels of C, over the whole of K.</summary>
    private struct MultiplyJob : IJob
    {
        public int M, N, K, KBlock;
        public GemmOperand A;
        public float* Packed;
        public float* C;
        public int Ldc;
        public bool Accumulate, PackA;
        public int Panels, PanelsPerTask, Across, Large, RowsPerLarge, Small, RowsPerSmall;
        public PackedFormat Format;
        public nint PanelBytes;

        public readonly void Execute(int index)
        {
            int rest = index - Across * Large;
            int firstPanel = (rest < 0 ? index / Large : rest / Small) * PanelsPerTask, endPanel = Math.Min(Panels, firstPanel + PanelsPerTask);
            int firstRow = rest < 0 ? index % Large * RowsPerLarge : Large * RowsPerLarge + rest % Small * RowsPerSmall;
            int endRow = Math.Min(M, firstRow + (rest < 0 ? RowsPerLarge : RowsPerSmall));
            if (Format != PackedFormat.F32)
            {
                Expanded(firstRow, endRow, firstPanel, endPanel);
                return;
            }

            for (int k0 = 0; ; k0 += KBlock)
            {
                int depth = Math.Min(KBlock, K - k0);
                bool accumulate = Accumulate || k0 > 0;
                float* block = Packed + (nint)Panels * k0 * Columns;
                Block(firstRow, endRow, firstPanel, endPanel, k0, depth, block, accumulate);
                if (k0 + depth >= K) break;
            }
        }

        /// <summary>The same where the panels are not floats: they are expanded into the cache, a few at a time for a few rows.</summary>
        private readonly void Expanded(int firstRow, int endRow, int firstPanel, int endPanel)
        {
            bool few = endRow - firstRow <= FewRows;
            int group = few ? GemmTile<TVector, TSimd>.ThinPanels : endPanel - firstPanel, longest = few ? ShortBlock : KBlock;
            float* floats = PackingBuffers.Expanded.Take((nint)group * longest * Columns);
            for (int panel = firstPanel, end; panel < endPanel; panel = end)
            {
                end = Math.Min(panel + group, endPanel);
                if (endRow - firstRow == 1 && PanelProduct<TVector, TSimd>.Takes(Format) && end - panel == PanelProduct<TVector, TSimd>.Panels && end * Columns <= N)
                {
                    PanelProduct<TVector, TSimd>.Multiply(Format, A.At(firstRow, 0), (byte*)Packed + panel * PanelBytes, PanelBytes, C + (nint)firstRow * Ldc + panel * Columns, K, Accumulate);
                    continue;
                }

                for (int k0 = 0, depth; k0 < K; k0 += depth)
                {
                    depth = Math.Min(longest, K - k0);
                    byte* source = (byte*)Packed + panel * PanelBytes + PackedMatrix.Offset(Format, k0, Columns);
                    PanelExpansion<TVector, TSimd>.Expand(Format, source, PanelBytes, end - panel, depth, floats);
                    Block(firstRow, endRow, panel, end, k0, depth, floats - (nint)panel * depth * Columns, Accumulate || k0 > 0);
                }
            }
        }

        private readonly void Block(int firstRow, int endRow, int firstPanel, int endPanel, int k0, int depth, float* block, bool accumulate)
        {
            bool stripes = PackA && A.Lane == 1;
            int nextDepth = Math.Min(KBlock, K - k0 - depth), panels = endPanel - firstPanel;
            float* packed = !PackA ? null : PackingBuffers.OfA.Take((nint)(stripes ? endRow - firstRow : GemmTile<TVector, TSimd>.MaxRows) * depth);
            if (stripes) PackStripes(firstRow, endRow, k0, depth, packed);

            for (int i = firstRow, rows; i < endRow; i += rows)
            {
                rows = GemmTile<TVector, TSimd>.RowsOfTile(endRow - i);
                if (rows <= GemmTile<TVector, TSimd>.ThinRows)
                {
                    Thin(i, rows, firstPanel, endPanel, k0, depth, block, accumulate);
                    continue;
                }

                float* a = A.At(i, k0);
                nint lane = A.Lane, step = A.Step;
                if (PackA)
                {
                    if (!stripes) A.Pack(i, rows, k0, depth, packed, rows);
                    a = stripes ? packed + (nint)(i - firstRow) * depth : packed;
                    lane = 1;
                    step = rows;
                }

                // What comes next of A is fetched while this tile works through the panels: the rows of the next tile, which at the end
                // is the first one's next block of K; or, of a transposed A, this tile's share of the next block of K.
                bool last = i + rows >= endRow;
                float* next = stripes ? A.At(firstRow, k0 + depth) : last ? A.At(firstRow, k0 + depth) : A.At(i + rows, k0);
                int ahead = stripes ? endRow - firstRow : last ? nextDepth : depth;
                int from = stripes ? (int)((long)nextDepth * (i - firstRow) / (endRow - firstRow)) : 0;
                int to = stripes ? (int)((long)nextDepth * (i + rows - firstRow) / (endRow - firstRow)) : last ? rows : Math.Min(rows, endRow - i - rows);
                nint apart = stripes ? A.Step : A.Lane;
                for (int panel = firstPanel; panel < endPanel; panel++)
                {
                    for (int end = from + CeilingDivide(to - from, endPanel - panel); from < end; from++) FetchSoon(next + from * apart, ahead);

                    // C: this tile's lines will be stored to when the sums are done; a tile that begins from C wants them before.
                    float* c = C + (nint)i * Ldc + panel * Columns;
                    if (accumulate) c = panel + 1 < endPanel ? c + Columns : c + (nint)rows * Ldc - (panels - 1) * Columns;
                    for (int r = 0; r < rows; r++) FetchNow(c + (nint)r * Ldc, Columns);

                    OneTile(i, rows, panel, a, lane, step, block + (nint)panel * depth * Columns, depth, accumulate);
                }
            }
        }

        /// <summary>
        /// Packs the task's rows of a transposed A in tiles, one after the other, each (depth, rows of the tile): a few stored rows at a time,
        /// with the next few on their way, because one tile alone takes too little of each cache line.
        /// </summary>
        private readonly void PackStripes(int firstRow, int endRow, int k0, int depth, float* packed)
        {
            for (int k = 0; k < depth; k += Stripe)
            {
                for (int next = k + Stripe; next < Math.Min(depth, k + 2 * Stripe); next++) FetchNow(A.At(firstRow, k0 + next), endRow - firstRow);
                for (int i = firstRow, rows; i < endRow; i += rows)
                {
                    rows = GemmTile<TVector, TSimd>.RowsOfTile(endRow - i);
                    A.Pack(i, rows, k0 + k, Math.Min(Stripe, depth - k), packed + (nint)(i - firstRow) * depth + k * rows, rows);
                }
            }
        }

        /// <summary>One or two rows: several panels at once, read in place.</summary>
        private readonly void Thin(int i, int rows, int firstPanel, int endPanel, int k0, int depth, float* block, bool accumulate)
        {
            const int group = GemmTile<TVector, TSimd>.ThinPanels;
            float* a = A.At(i, k0);
            int panel = firstPanel;
            nint apart = (nint)depth * Columns;
            for (; panel + group <= endPanel && (panel + group) * Columns <= N; panel += group)
                GemmTile<TVector, TSimd>.Thin(
                    rows, a, A.Lane, A.Step, block + panel * apart, apart, C + (nint)i * Ldc + panel * Columns, Ldc, depth, accumulate);
            for (; panel < endPanel; panel++)
                OneTile(i, rows, panel, a, A.Lane, A.Step, block + panel * apart, depth, accumulate);
        }

        private readonly void OneTile(int i, int rows, int panel, float* a, nint lane, nint step, float* b, int depth, bool accumulate)
        {
            float* c = C + (nint)i * Ldc + panel * Columns;
            int columns = N - panel * Columns;
            if (columns >= Columns) GemmTile<TVector, TSimd>.Multiply(rows, a, lane, step, b, c, Ldc, depth, accumulate);
            else Edge(rows, columns, a, lane, step, b, c, depth, accumulate);
        }

        /// <summary>The last panel of N when it is not full: the tile works on a full-width copy.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private readonly void Edge(int rows, int columns, float* a, nint lane, nint step, float* b, float* c, int depth, bool accumulate)
        {
            float* copy = stackalloc float[12 * 32];
            for (int i = 0; accumulate && i < rows; i++)
                new ReadOnlySpan<float>(c + (nint)i * Ldc, columns).CopyTo(new Span<float>(copy + i * Columns, columns));
            GemmTile<TVector, TSimd>.Multiply(rows, a, lane, step, b, copy, Columns, depth, accumulate);
            for (int i = 0; i < rows; i++)
                new ReadOnlySpan<float>(copy + i * Columns, columns).CopyTo(new Span<float>(c + (nint)i * Ldc, columns));
        }
    }
}

/// <summary>Each thread's room for packed operands.</summary>
internal static class PackingBuffers
{
    [ThreadStatic]
    private static NativeBuffer? _ofA, _ofB, _expanded;

    public static NativeBuffer OfA => _ofA ??= new NativeBuffer();

    public static NativeBuffer OfB => _ofB ??= new NativeBuffer();

    public static NativeBuffer Expanded => _expanded ??= new NativeBuffer();
}
